import { setTimeout as delay } from "node:timers/promises";

/** Waits until the condition holds; fails after two seconds. */
export const until = async (what: string, condition: () => boolean): Promise<void> => {
  const deadline = performance.now() + 2000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited two seconds in vain until ${what}`);
    await delay(2);
  }
};
