import { backoffDelay } from "../../lib/backoff.ts";
import type { LinkApplyDeps } from "./seams.ts";

/** AWS shows what was made within seconds, nearly always. */
export const SHOWN_WITHIN_MS = 60_000;

const FIRST_MS = 500;
const MAX_MS = 8000;

/** Looks, ever less often, until there is something; undefined when there is still nothing after `withinMs`. */
export const untilShown = async <T>(
  look: () => Promise<T | undefined>,
  { clock, signal }: LinkApplyDeps,
  withinMs = SHOWN_WITHIN_MS,
): Promise<T | undefined> => {
  const end = clock.monotonic() + withinMs;
  for (let attempt = 1; ; attempt++) {
    const found = await look();
    if (found !== undefined) return found;
    const left = end - clock.monotonic();
    if (left <= 0) return undefined;
    const delay = backoffDelay(attempt, { firstMs: FIRST_MS, maxMs: MAX_MS, jitter: 0, random: () => 0 });
    await clock.sleep(Math.min(delay, left), signal);
  }
};
