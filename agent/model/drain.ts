/** The gateway is being taken out of service on purpose. Times are milliseconds since the epoch. */
export interface Draining {
  readonly since: number;
  /** When the tunnels are closed, or were. */
  readonly closesAt: number;
  /** The tunnels are kept closed; before that traffic passes as ever. */
  readonly closed: boolean;
}

/** What `spacegate drain` tells as JSON. */
export interface DrainReport {
  /** false after --cancel. */
  readonly draining: boolean;
  /** Tunnels that were up when it began, and are closed now. */
  readonly closed: number;
}
