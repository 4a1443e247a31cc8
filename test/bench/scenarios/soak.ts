import { systemClock } from "../../../agent/lib/clock.ts";
import { check } from "../../lab/check.ts";
import { untilWhole } from "../../lab/health.ts";
import type { Lab } from "../../lab/lab.ts";
import type { Scenario } from "../../lab/scenarios/scenario.ts";
import { roles } from "../../lab/standby.ts";
import { quick } from "../../lab/steady.ts";
import { benchSettings } from "../agent-runs.ts";
import { rssMb } from "../footprint.ts";
import { countHoldings, grown, type Holdings } from "../leaks.ts";
import { mean } from "../stats.ts";

/** Between two memory samples, seconds. */
const SAMPLE_EVERY = 2;
/** RSS may differ so much between the first and the last quarter: a heap breathes. */
const GROWTH = 1.1;

/** Ends one tunnel, now silently and now with a DELETE, and waits until all is well again. */
const flap = async (lab: Lab, round: number): Promise<void> => {
  const { carrier } = await roles(lab);
  if (round % 3 === 2) {
    await lab.deleteFromPeer(carrier.index);
  } else {
    await lab.cut(carrier.index);
    await lab.sleep(round % 3 === 0 ? 0.5 : 2.5);
    await lab.restore(carrier.index);
  }
  await lab.sleep(1);
  await untilWhole(lab, 60);
};

class MemorySampler {
  readonly samples: number[] = [];
  readonly #stop = new AbortController();

  constructor(pid: number) {
    void this.#run(pid);
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(pid: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.samples.push(rssMb(pid));
      await systemClock.sleep(SAMPLE_EVERY * 1000, this.#stop.signal).catch(() => {});
    }
  }
}

/** What is held is counted once nothing is left of the last flap: charon keeps replaced SAs for some seconds. */
const countCalm = async (lab: Lab, pid: number): Promise<Holdings> => {
  await lab.sleep(8);
  await untilWhole(lab, 60);
  return countHoldings(lab, pid);
};

const checkMemory = (lab: Lab, samples: readonly number[]): void => {
  const quarter = Math.floor(samples.length / 4);
  const [first, last] = [mean(samples.slice(0, quarter)), mean(samples.slice(-quarter))];
  lab.findings.numbers = { rss_first_mb: [first], rss_last_mb: [last] };
  check(
    last <= first * GROWTH,
    `RSS should be flat: ${first.toFixed(1)} MB in the first quarter, ${last.toFixed(1)} MB in the last`,
  );
};

export const soak: Scenario = {
  name: "soak",
  title: "A tunnel that flaps for long leaks nothing",
  engines: ["libipsec"],
  timeoutSeconds: 24 * 3600,
  run: async (lab) => {
    const { minutes = 20 } = lab.options.parameters;
    await lab.heroku.start();
    const { pid } = await lab.startAgent((settings) => quick(benchSettings({ interval: "200ms", misses: 3 })(settings)));
    await untilWhole(lab);
    // Both ways of failing once, so that everything is loaded that ever will be.
    for (const round of [0, 1, 2]) await flap(lab, round);
    const before = await countCalm(lab, pid);
    const memory = new MemorySampler(pid);
    const deadline = performance.now() + minutes * 60_000;
    let rounds = 0;
    for (; performance.now() < deadline; rounds += 1) {
      await flap(lab, rounds);
      lab.checkAgentRuns();
      if (rounds % 10 === 9) lab.progress(`${rounds + 1} flaps, RSS ${memory.samples.at(-1)?.toFixed(1)} MB`);
    }
    memory.stop();
    const after = await countCalm(lab, pid);
    const leaks = grown(before, after);
    lab.findings.notes.push(`${rounds} flaps in ${minutes} minutes; held ${JSON.stringify(after)}`);
    checkMemory(lab, memory.samples);
    check(leaks.length === 0, `leaked: ${leaks.join(", ")}`);
  },
};
