import { systemClock } from "../../../agent/lib/clock.ts";
import { check, checkEqual } from "../check.ts";
import { killStrongswan } from "../faults.ts";
import { untilHealth, untilWhole } from "../health.ts";
import { startSteady } from "../steady.ts";
import { stepsFromNow } from "../untouched.ts";
import type { Scenario } from "./scenario.ts";

export const failoverStarterKilled: Scenario = {
  name: "failover-starter-killed",
  title: "When starter and charon are killed where no init system looks after them, the agent starts them again",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await startSteady(lab);
    const steps = stepsFromNow(lab.agent);
    lab.progress("kill -9 of starter and charon in the gateway");
    const killedAt = systemClock.monotonic();
    await killStrongswan(lab, lab.gateway);
    await untilHealth(lab, "charon-absent", 5, ({ warnings }) => warnings.some(({ code }) => code === "charon-absent"));
    await untilWhole(lab, 60);
    const seconds = (systemClock.monotonic() - killedAt) / 1000;
    lab.findings.notes.push(`death of starter and charon to every wanted tunnel being proven to pass: ${seconds.toFixed(2)} s`);
    check(
      steps().some((step) => step.startsWith("start-charon")),
      `the agent should have started charon, found ${steps().join("; ")}`,
    );
    const { sent, received } = await lab.ping(20);
    lab.findings.ping = { sent, received };
    checkEqual(received, sent, "pings afterwards");
  },
};
