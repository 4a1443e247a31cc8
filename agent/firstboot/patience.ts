import { backoffDelay } from "../lib/backoff.ts";
import { SpacegateError } from "../lib/errors.ts";
import type { Pace } from "./seams.ts";
import { Trouble } from "./trouble.ts";

/** IAM is eventually consistent: what was allowed a moment ago may be denied for some seconds. */
const SHORT_MS = 30_000;
const DELAYS = { firstMs: 500, maxMs: 10_000, jitter: 0.2 };

const gaveUp = (error: SpacegateError, waitMs: number): SpacegateError =>
  new SpacegateError("FIRST_BOOT_TIMEOUT", `After ${Math.round(waitMs / 1000)} s: ${error.message}`, {
    fix: error.fix,
    cause: error,
  });

const limitOf = ({ patience }: Trouble, { waitMs }: Pace): number => {
  if (patience === "none") return 0;
  return patience === "short" ? Math.min(SHORT_MS, waitMs) : waitMs;
};

const toThrow = (trouble: Trouble, pace: Pace): SpacegateError =>
  trouble.patience === "long" ? gaveUp(trouble.error, pace.waitMs) : trouble.error;

/** Tries until it works, until trying has no point, or until the time is over. Rejects with the last trouble's SpacegateError. */
export const keepTrying = async <T>(pace: Pace, attempt: () => Promise<T>): Promise<T> => {
  const { clock, random, signal, say } = pace;
  const began = clock.monotonic();
  let told = "";
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt();
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof Trouble)) throw thrown;
      const since = thrown.patience === "long" ? pace.begun : began;
      const delay = backoffDelay(failures, { ...DELAYS, random });
      if (clock.monotonic() + delay - since > limitOf(thrown, pace)) throw toThrow(thrown, pace);
      if (thrown.message !== told) say(`${thrown.message} Trying again.`);
      told = thrown.message;
      await clock.sleep(delay, signal);
    }
  }
};
