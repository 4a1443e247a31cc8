import type { Scenario } from "../../lab/scenarios/scenario.ts";
import { benchSettings, cutCarrier } from "../agent-runs.ts";
import { repeatOutage } from "../outage.ts";

export const policyPassive: Scenario = {
  name: "policy-passive",
  title: "The agent with policy routing and no probe target: silent cuts",
  engines: ["libipsec"],
  timeoutSeconds: 600,
  run: async (lab) => {
    await lab.heroku.start();
    await lab.startAgent(benchSettings(undefined));
    // Without probes only traffic proves that a tunnel passes.
    const traffic = lab.watchPings(0.2);
    await repeatOutage(lab, "policy_passive", () => cutCarrier(lab, false));
    await traffic.stop();
  },
};
