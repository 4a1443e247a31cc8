import type { Clock } from "../lib/clock.ts";
import { SpacegateError } from "../lib/errors.ts";
import { addressWithin } from "../lib/ip.ts";
import { connectionKey } from "../model/connection.ts";
import type { Drill } from "../model/drill.ts";
import type { Settings } from "../model/settings.ts";
import { type ConnectionStatus, isUp, type Status, type TunnelStatus } from "../model/status.ts";
import { ownAddresses } from "../observe/host.ts";
import type { ProbeResult, Prober } from "../observe/probe-target.ts";

export interface DrillDeps {
  /** The running agent's snapshot. Rejects with NOT_RUNNING. */
  readonly status: () => Promise<Status>;
  readonly prober: Prober;
  /** Ends a conn's IKE_SAs, as a maintenance at Heroku does. */
  readonly takeDown: (conn: string) => Promise<void>;
  readonly clock: Clock;
  readonly progress: (text: string) => void;
}

export interface DrillRequest {
  readonly space: string;
  readonly name: string;
  /** undefined: the one that carries. */
  readonly tunnel: 1 | 2 | undefined;
  /** What answers pings in the space. */
  readonly target: string;
  readonly source: string;
}

const refuse = (message: string, fix: string): SpacegateError => new SpacegateError("DRILL_REFUSED", message, { fix });

/** What a drill needs to know, from the settings. Throws DRILL_REFUSED. */
export const drillRequest = (
  settings: Settings,
  options: { readonly connection?: string; readonly tunnel?: 1 | 2 },
  addresses: readonly string[] = ownAddresses(),
): DrillRequest => {
  const named = settings.connections.filter(
    (own) => options.connection === undefined || connectionKey(own) === options.connection,
  );
  const [own, ...more] = named;
  const known = settings.connections.map(connectionKey).join(", ");
  if (!own || more.length > 0) throw refuse("Which connection is not clear.", `Say --connection with one of: ${known}`);
  if (!own.probe) throw refuse("Without a probe nothing can be measured.", "Set connections[].probe.target in the settings.");
  const source = addressWithin(addresses, own.local.subnets);
  if (!source)
    throw refuse(
      "This host has no address in local.subnets to send pings from.",
      "Give it one: ip address add, or in the network's own settings.",
    );
  return { space: own.space, name: own.name, tunnel: options.tunnel, target: own.probe.target, source };
};

const INTERVAL_MS = 50;
const SETTLE_MS = 1000;
/** The agent has moved traffic long before; what is still missing by then will not come. */
const MEASURE_MS = 5000;
const RESTORE_MS = 60_000;

const find = (status: Status, { space, name }: DrillRequest): ConnectionStatus => {
  const connection = status.connections.find((one) => one.space === space && one.name === name);
  if (connection) return connection;
  const known = status.connections.map(connectionKey).join(", ");
  throw refuse(`There is no connection ${space}/${name}.`, `The agent has: ${known || "none"}.`);
};

/** The tunnel to take down, when that is safe. Throws DRILL_REFUSED. */
export const choose = (connection: ConnectionStatus, wanted: 1 | 2 | undefined): TunnelStatus => {
  const index = wanted ?? connection.carrier;
  const victim = connection.tunnels.find((tunnel) => tunnel.index === index);
  const other = connection.tunnels.find((tunnel) => tunnel.index !== index);
  if (!victim || !isUp(victim))
    throw refuse(`Tunnel ${index} is not up.`, "There is nothing to take down; see `spacegate once`.");
  const spare = connection.routing === "policy" || (other && isUp(other) && other.passing === true);
  if (!spare)
    throw refuse(
      `Tunnel ${other?.index ?? "2"} is not passing, so taking tunnel ${index} down would cut the connection.`,
      "Repair the other tunnel first; a probe in the settings proves that it passes.",
    );
  return victim;
};

/** Longest run of unanswered probes in milliseconds. */
class Gap {
  #lastAt: number;
  #longest = 0;

  constructor(now: number) {
    this.#lastAt = now;
  }

  answered(now: number): void {
    this.#longest = Math.max(this.#longest, now - this.#lastAt - INTERVAL_MS);
    this.#lastAt = now;
  }

  /** What is still open counts too. */
  longest(now: number): number {
    return Math.max(this.#longest, now - this.#lastAt - INTERVAL_MS, 0);
  }
}

interface Measured {
  readonly outageMs: number;
  readonly restoredMs: number;
}

const measure = async (request: DrillRequest, victim: TunnelStatus, deps: DrillDeps): Promise<Measured> => {
  const { clock, prober } = deps;
  const ended = new AbortController();
  let gap: Gap | undefined;
  let answers = 0;
  const onResult = (result: ProbeResult): void => {
    if (result === null) return;
    answers += 1;
    gap?.answered(clock.monotonic());
  };
  const probes = prober({ target: request.target, source: request.source, intervalMs: INTERVAL_MS }, onResult, ended.signal);
  try {
    await clock.sleep(SETTLE_MS);
    if (answers === 0)
      throw refuse(
        `${request.target} does not answer pings from ${request.source}.`,
        "Set probe.target to something that answers.",
      );
    const started = clock.monotonic();
    gap = new Gap(started);
    await deps.takeDown(victim.conn);
    const [restoredMs] = await Promise.all([untilBack(request, victim, deps, started), clock.sleep(MEASURE_MS)]);
    return { outageMs: gap.longest(clock.monotonic()), restoredMs };
  } finally {
    ended.abort();
    await probes.catch(() => "");
  }
};

/** With policy routing the tunnel that was left stays down on purpose: the other one is up in its place. */
const isBack = (connection: ConnectionStatus, victim: TunnelStatus): boolean => {
  const same = connection.tunnels.find((tunnel) => tunnel.index === victim.index);
  if (same === undefined || same.losses <= victim.losses) return false;
  return connection.routing === "policy" ? connection.tunnels.some(isUp) : isUp(same);
};

/** Milliseconds from `since` until the agent has lost the tunnel and has it, or its substitute, back. */
const untilBack = async (request: DrillRequest, victim: TunnelStatus, deps: DrillDeps, since: number): Promise<number> => {
  const { clock, status } = deps;
  for (;;) {
    if (isBack(find(await status(), request), victim)) return clock.monotonic() - since;
    if (clock.monotonic() - since > RESTORE_MS)
      throw refuse(`Tunnel ${victim.index} is not back after ${RESTORE_MS / 1000} s.`, "See /healthz for its reason.");
    await clock.sleep(50);
  }
};

/**
 * Takes a tunnel down on purpose, measures with probes of its own how long the space cannot be reached, and waits until the
 * agent has brought the tunnel back. Rejects with DRILL_REFUSED when the other tunnel is not passing.
 */
export const runDrill = async (request: DrillRequest, deps: DrillDeps): Promise<Drill> => {
  const connection = find(await deps.status(), request);
  const victim = choose(connection, request.tunnel);
  deps.progress(`taking tunnel ${victim.index} (${victim.address}) down and measuring for ${MEASURE_MS / 1000} s`);
  const { outageMs, restoredMs } = await measure(request, victim, deps);
  return {
    space: request.space,
    connection: request.name,
    tunnel: victim.index,
    outageS: outageMs / 1000,
    restoredS: restoredMs / 1000,
    at: deps.clock.now(),
  };
};
