import type { Status } from "../model/status.ts";

/** Somebody who writes down how things go. */
export interface Follower {
  /** Every new snapshot. */
  readonly status: (status: Status) => void;
  /** Every probe that can prove something: its round trip in milliseconds, null when it went unanswered. */
  readonly probe: (conn: string, rttMs: number | null) => void;
}
