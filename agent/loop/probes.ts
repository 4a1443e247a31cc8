import type { Clock } from "../lib/clock.ts";
import { parseDuration } from "../lib/duration.ts";
import { addressWithin } from "../lib/ip.ts";
import type { Log } from "../lib/log.ts";
import { connectionKey } from "../model/connection.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import type { ConnectionSettings, Settings } from "../model/settings.ts";
import { type ProbeResult, type Prober, type ProbeTarget, sameTarget } from "../observe/probe-target.ts";
import { NO_VERDICT, type ProbeVerdict, ProbeWindow } from "../observe/probe-window.ts";

/** What is wanted of one tunnel's prober. A keepalive proves nothing: it only keeps the far end from dropping an idle tunnel. */
export interface WantedProbe {
  readonly target: ProbeTarget;
  /** undefined for a keepalive. */
  readonly misses: number | undefined;
}

interface Running extends WantedProbe {
  /** undefined for a keepalive. */
  readonly window: ProbeWindow | undefined;
  readonly controller: AbortController;
}

export interface ProbesDeps {
  readonly prober: Prober;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when a tunnel's probes begin to prove something else. */
  readonly onVerdict: (conn: string) => void;
  /** Called with each probe that can prove something. */
  readonly onProbe?: (conn: string, rttMs: number | null) => void;
}

/** A prober that ended by itself is started again after this. */
const RESTART_MS = 1000;

/** An idle tunnel may be dropped by the far end after 10 s. Source: AWS Site-to-Site VPN, tunnel options. */
const KEEPALIVE_MS = 5000;

/** The first address of the space's block behind its network address: in AWS the router. It need not answer. */
const routerOf = (block: string): string => block.replace(/\d+\/\d+$/, (end) => String(Number.parseInt(end, 10) + 1));

const wantedFor = (tunnel: DesiredTunnel, source: string, probe: ConnectionSettings["probe"]): WantedProbe => {
  const mark = tunnel.probeMark === undefined ? {} : { mark: tunnel.probeMark };
  if (!probe)
    return { target: { target: routerOf(tunnel.spaceCidr), source, intervalMs: KEEPALIVE_MS, ...mark }, misses: undefined };
  const { target, interval, misses, port } = probe;
  const tcp = port === undefined ? {} : { port, ...(tunnel.mark === undefined ? {} : { mark: tunnel.mark }) };
  return { target: { target, source, intervalMs: parseDuration(interval) ?? 200, ...mark, ...tcp }, misses };
};

const indexes = new WeakMap<Settings, ReadonlyMap<string, ConnectionSettings>>();

/** A tunnel's own settings. Every look asks for those of every tunnel, so each Settings is indexed once. */
export const settingsOf = (settings: Settings, { ref }: DesiredTunnel): ConnectionSettings | undefined => {
  const index = indexes.get(settings) ?? new Map(settings.connections.map((own) => [connectionKey(own), own]));
  indexes.set(settings, index);
  return index.get(connectionKey(ref));
};

/** What should be probed or kept alive: every tunnel that is up, from an address that fits its selectors. */
export const probeTargets = (
  settings: Settings,
  tunnels: readonly DesiredTunnel[],
  sourceOf: (tunnel: DesiredTunnel) => string | undefined,
): ReadonlyMap<string, WantedProbe> =>
  new Map(
    tunnels.flatMap((tunnel) => {
      const own = settingsOf(settings, tunnel);
      const source = sourceOf(tunnel);
      return own && source ? [[tunnel.conn, wantedFor(tunnel, source, own.probe)] as const] : [];
    }),
  );

/** An address of this host that is in a local subnet and fits the tunnel's traffic selector. */
export const probeSource = (tunnel: DesiredTunnel, settings: Settings, addresses: readonly string[]): string | undefined => {
  const own = settingsOf(settings, tunnel);
  return addressWithin(addresses, own?.local.subnets ?? []);
};

/** The probers that run now, one a tunnel. */
export class Probes {
  readonly #deps: ProbesDeps;
  readonly #running = new Map<string, Running>();

  constructor(deps: ProbesDeps) {
    this.#deps = deps;
  }

  verdict(conn: string): ProbeVerdict {
    return this.#running.get(conn)?.window?.verdict() ?? NO_VERDICT;
  }

  /** Whether probes run that can prove something. */
  isProbed(conn: string): boolean {
    return this.#running.get(conn)?.window !== undefined;
  }

  /** Starts, restarts and ends probers so that exactly the wanted ones run. */
  want(wanted: ReadonlyMap<string, WantedProbe>): void {
    for (const [conn, running] of this.#running) {
      const next = wanted.get(conn);
      const same = next && sameTarget(next.target, running.target) && next.misses === running.misses;
      if (!same) this.#end(conn, running);
    }
    for (const [conn, probe] of wanted) if (!this.#running.has(conn)) this.#start(conn, probe);
  }

  stop(): void {
    this.want(new Map());
  }

  #end(conn: string, running: Running): void {
    this.#running.delete(conn);
    running.controller.abort();
  }

  #start(conn: string, { target, misses }: WantedProbe): void {
    const window = misses === undefined ? undefined : new ProbeWindow(misses);
    const running: Running = { target, misses, window, controller: new AbortController() };
    this.#running.set(conn, running);
    void this.#keepRunning(conn, running);
  }

  async #keepRunning(conn: string, { target, window, controller: { signal } }: Running): Promise<void> {
    const { prober, clock, log } = this.#deps;
    const onResult = (result: ProbeResult): void => {
      if (signal.aborted || !window) return;
      const before = window.verdict().passing;
      window.add(result);
      this.#deps.onProbe?.(conn, result);
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
