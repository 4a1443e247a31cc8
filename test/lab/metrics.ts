import { check, waitUntil } from "./check.ts";
import type { Lab } from "./lab.ts";

/** A sample without labels from the agent's /metrics. */
export const readMetric = async (lab: Lab, name: string): Promise<number> => {
  const text = (await lab.http("/metrics"))?.body ?? "";
  const value = new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1];
  check(value !== undefined, `/metrics has no ${name}`);
  return Number(value);
};

/** Waits until the agent has finished `count` further passes that began after this call, or later ones. */
export const untilPasses = async (lab: Lab, count: number): Promise<void> => {
  const before = await readMetric(lab, "spacegate_passes_total");
  // The first to end may have begun before.
  await waitUntil(`${count} further passes`, 10 + 5 * count, async () => {
    const passes = (await readMetric(lab, "spacegate_passes_total")) - before;
    return passes > count ? { done: true, value: undefined } : { done: false, seen: String(passes) };
  });
};
