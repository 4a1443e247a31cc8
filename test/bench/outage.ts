import { check } from "../lab/check.ts";
import type { Lab } from "../lab/lab.ts";
import { PingWatch, ping } from "../lab/ping.ts";

/** Time between two pings of a series, seconds: no outage is told more exactly. */
const INTERVAL = 0.02;

/** Returns when pings pass again. */
const untilAnswered = async (lab: Lab, limitSeconds: number): Promise<void> => {
  const deadline = performance.now() + limitSeconds * 1000;
  while ((await ping(lab.processes, 1)).received === 0)
    check(performance.now() < deadline, `no ping was answered for ${limitSeconds} s`);
};

/**
 * Seconds for which the LAN had no answer from the dyno because of `disturb`: the longest time between two answers of a quick
 * series, which includes its interval.
 */
export const measureOutage = async (lab: Lab, disturb: () => Promise<void>, limitSeconds: number): Promise<number> => {
  const watch = new PingWatch(lab.processes, INTERVAL);
  await lab.sleep(0.5);
  await disturb();
  await untilAnswered(lab, limitSeconds);
  const { longestGapSeconds, received } = await watch.stop(0.5);
  check(received > 0, "the pings should be answered before and after the disturbance");
  return longestGapSeconds;
};

/** Without an agent that tells it: the tunnel without which pings go unanswered. Leaves both links as they were. */
export const findCarrier = async (lab: Lab): Promise<1 | 2> => {
  for (const tunnel of [1, 2] as const) {
    await lab.cut(tunnel);
    const { received } = await ping(lab.processes, 1);
    await lab.restore(tunnel);
    if (received === 0) return tunnel;
  }
  check(false, "pings pass whichever tunnel is cut");
  return 1;
};

/** How often this run repeats an outage. */
export const runsOf = (lab: Lab): number => lab.options.parameters.runs ?? 5;

/** Measures again and again; what was measured before a failure is kept. */
export const repeatOutage = async (lab: Lab, name: string, once: () => Promise<number>): Promise<void> => {
  const outages: number[] = [];
  for (let run = 1; run <= runsOf(lab); run += 1) {
    outages.push(await once());
    lab.progress(`${name}, run ${run}: ${outages.at(-1)?.toFixed(2)} s`);
    lab.findings.numbers = { ...lab.findings.numbers, [name]: [...outages] };
  }
};
