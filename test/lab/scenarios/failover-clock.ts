import { checkEqual } from "../check.ts";
import { movesOf } from "../failover.ts";
import { readHealth, untilWhole } from "../health.ts";
import { untilPasses } from "../metrics.ts";
import { startSteady } from "../steady.ts";
import { stepsFromNow, Untouched } from "../untouched.ts";
import type { Scenario } from "./scenario.ts";

export const failoverClock: Scenario = {
  name: "failover-clock",
  title: "A wall clock that is set forward and back by an hour changes nothing",
  // Only there the clock is the machine's own.
  engines: ["uml"],
  run: async (lab) => {
    const { agent } = await startSteady(lab);
    const untouched = await Untouched.since(lab);
    const [steps, moves] = [stepsFromNow(agent), movesOf(agent).length];
    const watch = lab.watchPings();
    for (const jump of ["+1 hour", "-2 hours", "+1 hour"]) {
      lab.progress(`setting the clock: ${jump}`);
      await lab.processes.run(["sh", "-c", `date -s "@$(date -d '${jump}' +%s)"`]);
      await untilPasses(lab, 2);
      checkEqual((await readHealth(lab))?.code, 200, `/healthz after ${jump}`);
    }
    await untilWhole(lab);
    const { sent, received } = await watch.stop();
    lab.findings.ping = { sent, received };
    checkEqual(received, sent, "pings while the clock was set");
    checkEqual(steps(), [], "the agent's steps");
    checkEqual(movesOf(agent).length, moves, "moves of traffic");
    await untouched.check("after the clock was set");
  },
};
