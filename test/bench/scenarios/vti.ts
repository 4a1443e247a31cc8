import { waitUntil } from "../../lab/check.ts";
import { untilWhole } from "../../lab/health.ts";
import type { Lab } from "../../lab/lab.ts";
import type { Scenario } from "../../lab/scenarios/scenario.ts";
import { benchSettings, cutCarrier, deleteCarrier, type Probing } from "../agent-runs.ts";
import { coldStart } from "../cold-start.ts";
import { measureFlips } from "../flip.ts";
import { repeatOutage } from "../outage.ts";

const SLOW: Probing = { interval: "200ms", misses: 3 };
const FAST: Probing = { interval: "100ms", misses: 2 };

const timesInForce = (lab: Lab): number => lab.agent.output().match(/the settings are in force/g)?.length ?? 0;

const use = async (lab: Lab, probing: Probing): Promise<void> => {
  const before = timesInForce(lab);
  await lab.writeSettings(benchSettings(probing));
  await waitUntil("the agent to take the settings", 20, () => {
    const seen = timesInForce(lab);
    return seen > before ? { done: true, value: undefined } : { done: false, seen: `${seen} times in force` };
  });
};

export const vti: Scenario = {
  name: "vti",
  title: "The agent with VTI routing: silent cuts and DELETEs from the peer",
  engines: ["native", "uml"],
  timeoutSeconds: 600,
  run: async (lab) => {
    const flips = await measureFlips(lab, 50);
    lab.findings.numbers = { flip_ms: flips };
    await lab.heroku.start();
    const start = await coldStart(lab, () => lab.startAgent(benchSettings(SLOW)));
    lab.findings.numbers = { ...lab.findings.numbers, cold_start_s: [start] };
    await untilWhole(lab, 60);
    await repeatOutage(lab, "vti_200x3", () => cutCarrier(lab));
    await use(lab, FAST);
    await repeatOutage(lab, "vti_100x2", () => cutCarrier(lab));
    await use(lab, SLOW);
    await repeatOutage(lab, "vti_delete", () => deleteCarrier(lab));
  },
};
