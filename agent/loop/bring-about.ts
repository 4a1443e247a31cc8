import type { Clock } from "../lib/clock.ts";
import type { Gateway } from "./gateway.ts";

/** Time between two passes. */
const AGAIN_MS = 250;

/** Runs passes until every tunnel that should be up is up, something fails, or `limitMs` have passed. */
export const bringAbout = async (
  gateway: Pick<Gateway, "settle" | "canBringUpMore">,
  limitMs: number,
  clock: Clock,
): Promise<void> => {
  const started = clock.monotonic();
  await gateway.settle();
  while (gateway.canBringUpMore() && clock.monotonic() - started < limitMs) {
    await clock.sleep(AGAIN_MS);
    await gateway.settle();
  }
};
