import { systemClock } from "../../agent/lib/clock.ts";

/** A failed assertion or a lab that cannot run: the message is for people and needs no stack trace. */
export class LabError extends Error {
  override readonly name = "LabError";
}

/** Throws a readable failure unless the condition holds. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new LabError(message);
}

/** Throws unless both are deeply equal, showing both. */
export const checkEqual = <T>(actual: T, expected: T, what: string): void => {
  const [seen, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  check(seen === wanted, `${what}: expected ${wanted}, found ${seen}`);
};

/** What is, told as a value once the wait is over, or as a sentence while it is not. */
export type Look<T> = { readonly done: true; readonly value: T } | { readonly done: false; readonly seen: string };

/** Looks again and again until a look is done; the failure tells what the last look saw. `what`: "both children INSTALLED". */
export const waitUntil = async <T>(
  what: string,
  timeoutSeconds: number,
  look: () => Look<T> | Promise<Look<T>>,
  intervalMs = 50,
): Promise<T> => {
  const deadline = systemClock.monotonic() + timeoutSeconds * 1000;
  for (;;) {
    const last = await look();
    if (last.done) return last.value;
    if (systemClock.monotonic() > deadline) throw new LabError(`waited ${timeoutSeconds} s for ${what}; last seen: ${last.seen}`);
    await systemClock.sleep(intervalMs);
  }
};
