import type { ConnectionRef } from "./connection.ts";

/** One tunnel as charon itself tells of it. */
export interface OfflineTunnel {
  readonly index: 1 | 2;
  readonly conn: string;
  /** Heroku's VPN gateway: from the SA, the loaded conn or the last good copy; "" when none has it. */
  readonly address: string;
  /** Whether charon holds its conn; null when it does not tell. */
  readonly loaded: boolean | null;
  /** charon's IKE_SA state, or "NONE". */
  readonly ike: string;
  /** charon's CHILD_SA state, or "NONE". */
  readonly child: string;
  /** Seconds since the IKE_SA was established; null without one. */
  readonly establishedS: number | null;
  /** Since the last rekey. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface OfflineConnection extends ConnectionRef {
  /** Milliseconds since the epoch when Heroku last confirmed the kept details; null without a last good copy. */
  readonly confirmedAt: number | null;
  /** What Heroku said then. */
  readonly providerStatus: string;
  readonly tunnels: readonly OfflineTunnel[];
}

/** What can be told while no agent runs. It never says that a tunnel passes: nothing probes. */
export interface OfflineStatus {
  readonly status: "not-running";
  readonly agent: { readonly running: false; readonly text: string; readonly fix: string };
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly charon: { readonly running: boolean; readonly version: string; readonly via: string; readonly why: string };
  readonly connections: readonly OfflineConnection[];
  /** Conns in charon that carry the agent's names, but are in no connection of the settings. */
  readonly strays: readonly string[];
}
