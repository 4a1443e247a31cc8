import type { ConnectionRef } from "./connection.ts";
import type { Routing } from "./desired.ts";
import type { Draining } from "./drain.ts";
import type { Drill } from "./drill.ts";
import type { FirewallStatus } from "./firewall.ts";
import type { LinkStatus } from "./privatelink.ts";

export type Severity = "info" | "warning" | "critical";

/** One entry of the declared health list, as far as others need to know it. */
export interface DeclaredWarning {
  readonly code: string;
  readonly title: string;
  readonly severity: Severity;
  /** What it can hold for: the host, each connection, each tunnel, or each PrivateLink. */
  readonly about: "host" | "connection" | "tunnel" | "link";
  /** What to do about it, in general; a warning that holds has a fix for its own case. */
  readonly advice: string;
  /** How long it must hold before it is shown, milliseconds. */
  readonly visibleAfterMs: number;
}

/** One entry of the declared health list that holds now. `since` is milliseconds since the epoch. */
export interface Warning {
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
  readonly text: string;
  readonly fix: string;
  readonly since: number;
  /** "acme-space/office" when it is about one connection. */
  readonly connection?: string;
  readonly tunnel?: 1 | 2;
  /** A declared PrivateLink's name. */
  readonly link?: string;
}

/** While keys are renewed a tunnel still carries with the old ones. */
export const isUp = ({ child }: { readonly child: string }): boolean => child === "INSTALLED" || child === "REKEYING";

/** Why a tunnel is not as it should be: a stable code, a sentence, and what to do. */
export interface Reason {
  readonly code: string;
  readonly text: string;
  readonly fix: string;
}

export interface TunnelStatus {
  readonly index: 1 | 2;
  readonly conn: string;
  /** Heroku's VPN gateway. */
  readonly address: string;
  /** charon's IKE_SA state, or "NONE". */
  readonly ike: string;
  /** charon's CHILD_SA state, or "NONE". */
  readonly child: string;
  /** null: nothing proves it either way. */
  readonly passing: boolean | null;
  readonly rttMs: number | null;
  /** Share of lost probes in the window, 0..1; null without probes. */
  readonly lossRatio: number | null;
  /** Milliseconds since the epoch when `child` last changed between installed and not installed. */
  readonly since: number;
  /** Why it is not up, or not passing; null when all is well or nothing is known. */
  readonly reason: Reason | null;
  readonly providerStatus: string;
  /** Keyed, as `spacegate plan` shows it: another one means another PSK. Absent while no details are known. */
  readonly pskFingerprint?: string;
  /** Monotonic over rekeys and restarts of charon for as long as the agent runs. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  /** Milliseconds since the epoch; null before the first one. */
  readonly lastPacketInAt: number | null;
  readonly childRekeys: number;
  /** How often its CHILD_SA was lost since the agent started. */
  readonly losses: number;
  /** The same during the last hour. */
  readonly recentLosses: number;
}

export type ConnectionHealth = "starting" | "waiting" | "ok" | "degraded" | "down";

/** What a connection joins, for people; `gateway` is this host's own address. */
export interface JoinedNetworks {
  readonly gateway: string;
  readonly local: readonly string[];
  readonly space: string;
}

export interface ConnectionStatus extends ConnectionRef {
  readonly status: ConnectionHealth;
  readonly routing: Routing | null;
  readonly carrier: 1 | 2 | null;
  readonly providerStatus: string;
  readonly source: {
    readonly kind: string;
    readonly origin: "source" | "last-good-copy" | "none";
    readonly confirmedAt: number | null;
    readonly error: string | null;
  };
  readonly tunnels: readonly TunnelStatus[];
  /** Absent while no details are known. */
  readonly networks?: JoinedNetworks;
}

export interface ListenerTrouble {
  /** The warning that tells of it. */
  readonly code: "tls-refused" | "tls-expiring" | "token-refused";
  readonly text: string;
  readonly fix: string;
}

/** How the HTTP server is protected. Times are milliseconds since the epoch, null where there is no such certificate. */
export interface ListenerStatus {
  readonly tls: boolean;
  readonly certificateExpiresAt: number | null;
  /** Of the agent's own CA. */
  readonly authorityExpiresAt: number | null;
}

export interface ListenerState {
  readonly status: ListenerStatus;
  readonly troubles: readonly ListenerTrouble[];
}

export const NO_LISTENER: ListenerState = {
  status: { tls: false, certificateExpiresAt: null, authorityExpiresAt: null },
  troubles: [],
};

/** The immutable snapshot that everyone else reads. Times are milliseconds since the epoch. */
export interface Status {
  readonly status: "starting" | "ok" | "degraded" | "down";
  readonly version: string;
  readonly startedAt: number;
  readonly at: number;
  /** True once a first pass has finished. */
  readonly ready: boolean;
  readonly charon: { readonly running: boolean; readonly version: string; readonly via: string };
  readonly connections: readonly ConnectionStatus[];
  /** The declared PrivateLinks; absent from agents that knew none. */
  readonly privatelinks?: readonly LinkStatus[] | undefined;
  readonly listener: ListenerStatus;
  /** Absent while the gateway serves. */
  readonly draining?: Draining;
  /** Absent below a directory, and from agents that had none. */
  readonly firewall?: FirewallStatus | undefined;
  readonly warnings: readonly Warning[];
  /** The newest drill of each connection. */
  readonly drills: readonly Drill[];
  readonly passes: {
    readonly total: number;
    readonly failed: number;
    readonly changes: number;
    /** Changes that put right what somebody else had changed. */
    readonly driftRepairs: number;
    readonly lastMs: number;
    readonly lastAt: number | null;
    readonly lastError: string | null;
  };
}
