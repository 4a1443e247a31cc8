import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";

/** Time as the agent sees it; tests put their own in its place. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch: for people only, it may jump. */
  now(): number;
  /** Milliseconds that never go back: for every decision that depends on elapsed time. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
};
