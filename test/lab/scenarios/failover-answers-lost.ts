import { systemClock } from "../../../agent/lib/clock.ts";

import { checkOutage, steered, untilCarrier, untilFirstCarries } from "../failover.ts";
import { answerByFirstWhileItHasSas, drop } from "../faults.ts";
import { untilHealth, untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { checkNoLoss } from "../ping.ts";
import { startSteady } from "../steady.ts";
import { untilReason } from "../told.ts";
import type { Scenario } from "./scenario.ts";

/** In seconds: the first rest, and a trial that found nothing better is over. */
const FIRST_REST = 20;
const TRIAL = 6;

const loseAnswers = async (lab: Lab): Promise<void> => {
  lab.progress("tunnel 1 loses ESP, IKE passes, and everything is answered by tunnel 1");
  const watch = lab.watchPings(0.05);
  await lab.sleep(1);
  await drop(lab, 1, "esp");
  await untilCarrier(lab, 2, 30);
  await untilReason(lab, 1, "answers-lost", /protocol 50/);
  await lab.sleep(3);
  checkOutage(lab, await watch.stop(), 10, "ESP lost, IKE passes, sticky answers");
};

const tryAgain = async (lab: Lab): Promise<void> => {
  lab.progress("after its rest tunnel 1 is tried once, in vain");
  const watch = lab.watchPings(0.05);
  await untilHealth(lab, "tunnel 1 as tried", FIRST_REST + 10, ({ tunnels }) => tunnels[0]?.child === "INSTALLED");
  await lab.sleep(TRIAL);
  await untilReason(lab, 1, "answers-lost", undefined);
  checkOutage(lab, await watch.stop(), 5, "a trial in vain");
};

const comeBack = async (lab: Lab): Promise<void> => {
  lab.progress("ESP passes again: after its rest tunnel 1 is whole");
  const watch = lab.watchPings();
  await drop(lab, 1, "esp", false);
  const wellAt = systemClock.monotonic();
  await untilWhole(lab, 60);
  const seconds = (systemClock.monotonic() - wellAt) / 1000;
  lab.findings.notes.push(`ESP passes again to every tunnel passing: ${seconds.toFixed(1)} s`);
  checkNoLoss(await watch.stop(), "while tunnel 1 came back");
};

export const failoverAnswersLost: Scenario = {
  name: "failover-answers-lost",
  slow: true,
  title: "A tunnel that draws the answers and loses them, while IKE passes, is found out and kept down for a time that grows",
  engines: ["native", "uml"],
  timeoutSeconds: 240,
  run: async (lab) => {
    await startSteady(lab, steered);
    await untilFirstCarries(lab);
    await answerByFirstWhileItHasSas(lab);
    await loseAnswers(lab);
    await tryAgain(lab);
    await comeBack(lab);
  },
};
