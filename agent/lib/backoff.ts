export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** 0..1, the share of the delay that is random. */
  readonly jitter: number;
  /** 0..1 */
  readonly random: () => number;
}

/** The delay before try number `attempt` (1 = the first retry), in milliseconds: doubling, capped, jittered downwards. */
export const backoffDelay = (attempt: number, options: BackoffOptions): number => {
  const full = Math.min(options.maxMs, options.firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(full * (1 - options.jitter * options.random()));
};
