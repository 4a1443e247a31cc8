import { checkOutage, steered, untilCarrier, untilFirstCarries } from "../failover.ts";
import { untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

/** Seconds after the cut: while the probes go unanswered, about when traffic moves, and while the new carrier settles. */
const MOMENTS = [0.3, 0.6, 0.9];

const killDuring = async (lab: Lab, seconds: number): Promise<void> => {
  lab.progress(`cutting tunnel 1, and kill -9 of the agent ${seconds} s later`);
  const watch = lab.watchPings();
  await lab.sleep(0.5);
  await lab.cut(1);
  await lab.sleep(seconds);
  await lab.agent.kill();
  lab.restartAgent();
  await untilCarrier(lab, 2, 2 * lab.agentBackWithin);
  await lab.sleep(2);
  checkOutage(lab, await watch.stop(), lab.agentBackWithin, `the agent killed ${seconds} s after the cut`);
  await lab.restore(1);
  await untilWhole(lab, 60);
};

export const failoverAgentKilled: Scenario = {
  name: "failover-agent-killed",
  title: "kill -9 of the agent in the middle of a failover: the next one finishes it",
  engines: ["native", "uml", "libipsec"],
  timeoutSeconds: 240,
  run: async (lab) => {
    await startSteady(lab, steered);
    for (const moment of lab.routing === "vti" ? MOMENTS : MOMENTS.slice(0, 1)) {
      await untilFirstCarries(lab);
      await killDuring(lab, moment);
    }
  },
};
