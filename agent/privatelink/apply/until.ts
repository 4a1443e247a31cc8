import { isAwsRefusal } from "../../lib/aws-error.ts";
import { backoffDelay } from "../../lib/backoff.ts";
import type { LinkApplyDeps } from "./seams.ts";

/** AWS shows what was made within seconds, nearly always. */
const SHOWN_WITHIN_MS = 60_000;

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

/** EC2 spells it in several ways. */
const GROUP_UNKNOWN = [
  "InvalidGroup.NotFound",
  "InvalidGroupId.NotFound",
  "InvalidSecurityGroupID.NotFound",
  "InvalidSecurityGroupId.NotFound",
];

/** Asks again while AWS does not know a security group everywhere that was made a moment ago; then its refusal is passed on. */
export const onceGroupKnown = async <T>(act: () => Promise<T>, deps: LinkApplyDeps): Promise<T> => {
  let refusal: unknown;
  const done = await untilShown(async () => {
    try {
      return { value: await act() };
    } catch (thrown) {
      if (!isAwsRefusal(thrown, ...GROUP_UNKNOWN)) throw thrown;
      refusal = thrown;
      return undefined;
    }
  }, deps);
  if (!done) throw refusal;
  return done.value;
};
