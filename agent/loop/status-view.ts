import { connectionHealth, evaluate, type HealthMemory, overallHealth } from "../health/evaluate.ts";
import type { ConnectionFacts, HealthFacts } from "../health/facts.ts";
import { ANSWERS_LOST, DRAINED, type Failure, NOTHING_BACK, reasonOf } from "../health/reasons.ts";
import type { SpacegateError } from "../lib/errors.ts";
import { connectionKey, type TunnelDetails } from "../model/connection.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import type { Draining } from "../model/drain.ts";
import type { ObservedIke } from "../model/observed.ts";
import type { LinkStatus } from "../model/privatelink.ts";
import type { Settings } from "../model/settings.ts";
import type { SourceState } from "../model/source.ts";
import { type ConnectionStatus, isUp, type Reason, type Status, type TunnelStatus } from "../model/status.ts";
import type { Trouble } from "../model/trouble.ts";
import type { Totals } from "../observe/counters.ts";
import type { ProbeVerdict } from "../observe/probe-window.ts";
import type { Carriers } from "../plan/desired.ts";
import { connName } from "../plan/naming.ts";
import type { Problem } from "../plan/validate.ts";

/** Everything that a snapshot is made of. */
export interface Snapshot {
  readonly settings: Settings;
  /** By a connection's key. */
  readonly state: (key: string) => SourceState | undefined;
  readonly tunnels: (key: string) => readonly DesiredTunnel[];
  readonly problems: (key: string) => readonly Problem[];
  readonly sas: (conn: string) => readonly ObservedIke[];
  readonly carriers: Carriers;
  readonly totals: (conn: string) => Totals;
  readonly losses: (conn: string) => number;
  readonly recentLosses: (conn: string) => number;
  readonly verdict: (conn: string) => ProbeVerdict;
  /** Then counters alone do not vouch for it. */
  readonly isProbed: (conn: string) => boolean;
  /** Down on purpose, because its sibling passes only without it. */
  readonly drawsAnswers: (conn: string) => boolean;
  /** The newest failure of a tunnel that is down. */
  readonly failure: (conn: string) => Pick<Failure, "words" | "lines">;
  readonly addresses: readonly string[];
  /** Stands for a PSK. */
  readonly fingerprint: (psk: TunnelDetails["psk"]) => string;
  /** When each conn's CHILD_SA last changed between installed and not, milliseconds since the epoch. */
  readonly since: (conn: string) => number;
  /** Whether the connection has had its time to come up. */
  readonly settled: (key: string) => boolean;
  readonly probeImpossible: (key: string) => boolean;
  readonly host: Pick<
    HealthFacts,
    | "charon"
    | "settingsRefused"
    | "passError"
    | "restartNeeded"
    | "filesHeld"
    | "ipForward"
    | "firewallTrouble"
    | "newForwardRefusals"
    | "newMismatches"
    | "listenerTroubles"
    | "ready"
  >;
  readonly draining?: Draining | undefined;
  readonly charonVersion: string;
  readonly privatelinks: readonly LinkStatus[];
  readonly listener: Status["listener"];
  readonly firewall: Status["firewall"];
  readonly passes: Status["passes"];
  readonly drills: Status["drills"];
  readonly version: string;
  readonly startedAt: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const STATE_ORDER = ["INSTALLED", "REKEYING", "REKEYED", "UPDATING", "INSTALLING", "CREATED"];

const rank = (state: string): number => {
  const position = STATE_ORDER.indexOf(state);
  return position === -1 ? STATE_ORDER.length : position;
};

/** The child that tells most: while keys are renewed a tunnel has several. A REKEYED one still carries until its successor does. */
export const childState = (sas: readonly ObservedIke[]): string => {
  const states = sas.flatMap((ike) => ike.childSas.map((child) => child.state)).sort((a, b) => rank(a) - rank(b));
  const best = states[0];
  return best === "REKEYED" ? "REKEYING" : (best ?? "NONE");
};

export const ikeState = (sas: readonly ObservedIke[]): string =>
  sas.some((ike) => ike.state === "ESTABLISHED") ? "ESTABLISHED" : (sas[0]?.state ?? "NONE");

type ShownTunnel = Pick<DesiredTunnel, "conn" | "index" | "local" | "remote">;

/** Packets that came in during this time prove that a tunnel passes, where no probe does. */
const RECENT_MS = 15_000;

const passingOf = (child: string, verdict: ProbeVerdict, probed: boolean, totals: Totals, now: number): boolean | null => {
  if (!isUp({ child })) return false;
  if (verdict.passing !== null || probed) return verdict.passing;
  return totals.lastPacketInAt !== null && now - totals.lastPacketInAt < RECENT_MS ? true : null;
};

const whyDown = (tunnel: ShownTunnel, snapshot: Snapshot, details: TunnelDetails | undefined): Reason | null => {
  const { failure, addresses, drawsAnswers, draining } = snapshot;
  if (draining?.closed) return DRAINED;
  if (drawsAnswers(tunnel.conn)) return ANSWERS_LOST;
  return reasonOf({
    ...failure(tunnel.conn),
    remote: tunnel.remote,
    local: tunnel.local,
    providerStatus: details?.status ?? "",
    providerMessage: details?.statusMessage ?? "",
    hasLocalAddress: tunnel.local === "" || addresses.length === 0 || addresses.includes(tunnel.local),
  });
};

const tunnelStatus = (tunnel: ShownTunnel, snapshot: Snapshot, state: SourceState | undefined): TunnelStatus => {
  const sas = snapshot.sas(tunnel.conn);
  const child = childState(sas);
  const verdict = snapshot.verdict(tunnel.conn);
  const totals = snapshot.totals(tunnel.conn);
  const passing = passingOf(child, verdict, snapshot.isProbed(tunnel.conn), totals, snapshot.now);
  const details = state?.connection?.tunnels.find((candidate) => candidate.index === tunnel.index);
  return {
    index: tunnel.index,
    conn: tunnel.conn,
    address: tunnel.remote || (details?.ip ?? ""),
    ike: ikeState(sas),
    child,
    passing,
    rttMs: verdict.rttMs,
    lossRatio: verdict.lossRatio,
    since: snapshot.since(tunnel.conn),
    reason: isUp({ child }) ? (passing === false ? NOTHING_BACK : null) : whyDown(tunnel, snapshot, details),
    providerStatus: details?.status ?? "",
    ...(details ? { pskFingerprint: snapshot.fingerprint(details.psk) } : {}),
    ...totals,
    losses: snapshot.losses(tunnel.conn),
    recentLosses: snapshot.recentLosses(tunnel.conn),
  };
};

/** A tunnel whose details are not known, or not in force: charon may still have it. */
const unplanned = (own: Settings["connections"][number], index: 1 | 2): ShownTunnel => ({
  conn: connName(own, index),
  index,
  local: "",
  remote: "",
});

const connectionStatus = (own: Settings["connections"][number], snapshot: Snapshot): ConnectionStatus => {
  const key = connectionKey(own);
  const state = snapshot.state(key);
  const desired = snapshot.tunnels(key);
  const known = desired.length > 0 ? desired : ([1, 2] as const).map((index) => unplanned(own, index));
  const tunnels = known.map((tunnel) => tunnelStatus(tunnel, snapshot, state));
  const routing = desired[0]?.routing ?? null;
  const view = { ready: snapshot.host.ready, planned: desired.length > 0, settled: snapshot.settled(key) };
  return {
    space: own.space,
    name: own.name,
    status: connectionHealth({ tunnels, routing }, view),
    routing,
    carrier: desired.length > 0 ? (snapshot.carriers[key] ?? 1) : null,
    providerStatus: state?.connection?.status ?? "",
    source: {
      kind: snapshot.settings.heroku.source,
      origin: state?.origin ?? "none",
      confirmedAt: state?.confirmedAt ?? null,
      error: state?.error?.message ?? null,
    },
    tunnels,
    ...(desired[0] ? { networks: { gateway: desired[0].local, local: own.local.subnets, space: desired[0].spaceCidr } } : {}),
  };
};

/** An error as a person reads it. */
export const troubleOf = (error: SpacegateError): Trouble => ({ text: error.message, fix: error.fix });

/** What does not fit, in the words of a warning. */
export const problemTrouble = (problem: Problem): Trouble => ({
  text: [problem.field, problem.value === "" ? "" : `(${problem.value})`, problem.message]
    .filter((word) => word !== "")
    .join(" "),
  fix: problem.fix,
});

const connectionFacts = (status: ConnectionStatus, snapshot: Snapshot): ConnectionFacts => {
  const key = connectionKey(status);
  const state = snapshot.state(key);
  const of = (severity: Problem["severity"]): Trouble[] =>
    snapshot
      .problems(key)
      .filter((problem) => problem.severity === severity)
      .map(problemTrouble);
  const refusedBySource = state?.error?.code === "CONNECTION_INVALID";
  return {
    status,
    waiting: state?.waiting ?? null,
    sourceError: state?.error && !refusedBySource ? troubleOf(state.error) : null,
    refused: [...of("error"), ...(state?.error && refusedBySource ? [troubleOf(state.error)] : [])],
    advice: of("warning"),
    probeImpossible: snapshot.probeImpossible(key),
  };
};

const statusesOf = <Health>(parts: readonly { readonly status: Health }[]): Health[] => parts.map(({ status }) => status);

export interface View {
  readonly status: Status;
  readonly memory: HealthMemory;
  readonly nextMs: number | null;
}

/** The immutable snapshot that everyone else reads. */
export const buildStatus = (snapshot: Snapshot, memory: HealthMemory): View => {
  const connections = snapshot.settings.connections.map((own) => connectionStatus(own, snapshot));
  const { privatelinks } = snapshot;
  const facts: HealthFacts = {
    privatelinks,
    ...snapshot.host,
    draining: snapshot.draining,
    connections: connections.map((status) => connectionFacts(status, snapshot)),
  };
  const health = evaluate(facts, memory, snapshot.now);
  return {
    status: {
      status: snapshot.host.ready ? overallHealth(statusesOf(connections), statusesOf(privatelinks)) : "starting",
      version: snapshot.version,
      startedAt: snapshot.startedAt,
      at: snapshot.now,
      ready: snapshot.host.ready,
      charon: { running: snapshot.host.charon.running, version: snapshot.charonVersion, via: snapshot.host.charon.via },
      connections,
      privatelinks,
      listener: snapshot.listener,
      ...(snapshot.draining ? { draining: snapshot.draining } : {}),
      ...(snapshot.firewall ? { firewall: snapshot.firewall } : {}),
      warnings: health.warnings,
      drills: snapshot.drills,
      passes: snapshot.passes,
    },
    memory: health.memory,
    nextMs: health.nextMs,
  };
};
