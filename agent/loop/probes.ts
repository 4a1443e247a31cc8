import type { Clock } from "../lib/clock.ts";
import { parseDuration } from "../lib/duration.ts";
import { containsAddress, parseCidr } from "../lib/ip.ts";
import type { Log } from "../lib/log.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import type { Settings } from "../model/settings.ts";
import type { PingTarget, ProbeResult } from "../observe/ping.ts";
import { NO_VERDICT, type ProbeVerdict, ProbeWindow } from "../observe/probe-window.ts";

/** Runs the probes of one tunnel until aborted; resolves with the prober's last words. */
export type Prober = (target: PingTarget, onResult: (result: ProbeResult) => void, signal: AbortSignal) => Promise<string>;

interface Running {
  readonly target: PingTarget;
  readonly window: ProbeWindow;
  readonly controller: AbortController;
}

export interface ProbesDeps {
  readonly prober: Prober;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when a tunnel's probes begin to prove something else. */
  readonly onVerdict: (conn: string) => void;
}

/** A prober that ended by itself is started again after this. */
const RESTART_MS = 1000;

const sameTarget = (a: PingTarget, b: PingTarget): boolean =>
  a.target === b.target && a.source === b.source && a.mark === b.mark && a.intervalMs === b.intervalMs;

/** What should be probed: every tunnel that is up, of connections that have a probe, from an address that fits the selectors. */
export const probeTargets = (
  settings: Settings,
  tunnels: readonly DesiredTunnel[],
  sourceOf: (tunnel: DesiredTunnel) => string | undefined,
): ReadonlyMap<string, { target: PingTarget; misses: number }> =>
  new Map(
    tunnels.flatMap((tunnel) => {
      const own = settings.connections.find((one) => one.space === tunnel.ref.space && one.name === tunnel.ref.name);
      const source = sourceOf(tunnel);
      if (!own?.probe || !source) return [];
      const { target, interval, misses } = own.probe;
      const mark = tunnel.probeMark === undefined ? {} : { mark: tunnel.probeMark };
      return [
        [tunnel.conn, { target: { target, source, intervalMs: parseDuration(interval) ?? 200, ...mark }, misses }] as const,
      ];
    }),
  );

/** An address of this host that is in a local subnet and fits the tunnel's traffic selector. */
export const probeSource = (tunnel: DesiredTunnel, settings: Settings, addresses: readonly string[]): string | undefined => {
  const own = settings.connections.find((one) => one.space === tunnel.ref.space && one.name === tunnel.ref.name);
  const subnets = [...(own?.local.subnets ?? [])].flatMap((text) => parseCidr(text) ?? []);
  return addresses.find((address) => subnets.some((subnet) => containsAddress(subnet, address)));
};

/** The probers that run now, one a tunnel. */
export class Probes {
  readonly #deps: ProbesDeps;
  readonly #running = new Map<string, Running>();

  constructor(deps: ProbesDeps) {
    this.#deps = deps;
  }

  verdict(conn: string): ProbeVerdict {
    return this.#running.get(conn)?.window.verdict() ?? NO_VERDICT;
  }

  /** Starts, restarts and ends probers so that exactly the wanted ones run. */
  want(wanted: ReadonlyMap<string, { target: PingTarget; misses: number }>): void {
    for (const [conn, running] of this.#running) {
      const next = wanted.get(conn);
      if (!next || !sameTarget(next.target, running.target)) this.#end(conn, running);
    }
    for (const [conn, { target, misses }] of wanted) if (!this.#running.has(conn)) this.#start(conn, target, misses);
  }

  stop(): void {
    this.want(new Map());
  }

  #end(conn: string, running: Running): void {
    this.#running.delete(conn);
    running.controller.abort();
  }

  #start(conn: string, target: PingTarget, misses: number): void {
    const running: Running = { target, window: new ProbeWindow(misses), controller: new AbortController() };
    this.#running.set(conn, running);
    void this.#keepRunning(conn, running);
  }

  async #keepRunning(conn: string, { target, window, controller: { signal } }: Running): Promise<void> {
    const { prober, clock, log } = this.#deps;
    const onResult = (result: ProbeResult): void => {
      if (signal.aborted) return;
      const before = window.verdict().passing;
      window.add(result);
      if (window.verdict().passing !== before) this.#deps.onVerdict(conn);
    };
    while (!signal.aborted) {
      const words = await prober(target, onResult, signal).catch(String);
      if (signal.aborted) return;
      log.debug({ conn }, `the prober ended: ${words}`);
      onResult(null);
      await clock.sleep(RESTART_MS, signal).catch(() => undefined);
    }
  }
}
