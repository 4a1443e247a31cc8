/** What one tunnel's prober sends to, and how. */
export interface ProbeTarget {
  readonly target: string;
  /** The TCP port to connect to; undefined: ICMP. */
  readonly port?: number;
  /** An address of this host within the tunnel's traffic selector. */
  readonly source: string;
  /** The mark that leads through one tunnel alone (for TCP: the local port); undefined where only one tunnel is up. */
  readonly mark?: number;
  readonly intervalMs: number;
}

/** One probe's outcome: the round trip in milliseconds, or null when it went unanswered. */
export type ProbeResult = number | null;

/** Probes one tunnel until aborted; resolves with the prober's last words. */
export type Prober = (target: ProbeTarget, onResult: (result: ProbeResult) => void, signal: AbortSignal) => Promise<string>;

export const sameTarget = (a: ProbeTarget, b: ProbeTarget): boolean =>
  a.target === b.target && a.port === b.port && a.source === b.source && a.mark === b.mark && a.intervalMs === b.intervalMs;
