import { checkEqual } from "../check.ts";
import { checkOutage, movesOf, steered, untilCarrier, untilFirstCarries } from "../failover.ts";
import { answerBy, answerByFirstWhileItHasSas, drop } from "../faults.ts";
import { untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { checkNoLoss } from "../ping.ts";
import { startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

export const failoverAsymmetric: Scenario = {
  name: "failover-asymmetric",
  title: "Answers that always return by the other tunnel lose no ping and move nothing",
  engines: ["native", "uml"],
  run: async (lab) => {
    await startSteady(lab, steered);
    await untilFirstCarries(lab);
    const before = movesOf(lab.agent).length;
    lab.progress("tunnel 1 carries, and everything is answered by tunnel 2");
    const watch = lab.watchPings();
    await answerBy(lab, 2);
    await lab.sleep(8);
    await untilWhole(lab);
    const series = await watch.stop();
    lab.findings.ping = { sent: series.sent, received: series.received };
    checkNoLoss(series, "with answers by the other tunnel");
    checkEqual(movesOf(lab.agent).slice(before), [], "moves of traffic");
  },
};

const deleteSticky = async (lab: Lab): Promise<void> => {
  lab.progress("answers stay on tunnel 1 until it is deleted; its VPN gateway deletes it");
  const watch = lab.watchPings(0.02);
  await lab.sleep(1);
  await lab.deleteFromPeer(1);
  await untilCarrier(lab, 2);
  await untilWhole(lab);
  await untilCarrier(lab, 1, 40);
  checkOutage(lab, await watch.stop(), 0.5, "DELETE, sticky answers");
};

/** Only a DELETE turns the answers round: it comes from the agent, which makes the dead tunnel's SAs anew. */
const starveSticky = async (lab: Lab): Promise<void> => {
  lab.progress("ESP of tunnel 1 is dropped, IKE is not; answers stay on tunnel 1 until it is deleted");
  const watch = lab.watchPings();
  await lab.sleep(1);
  await drop(lab, 1, "esp");
  await lab.sleep(20);
  await drop(lab, 1, "esp", false);
  await untilWhole(lab, 60);
  await lab.sleep(1);
  const series = await watch.stop();
  checkOutage(lab, series, 20, "ESP dropped, sticky answers");
};

export const failoverSticky: Scenario = {
  name: "failover-sticky",
  title: "Answers that stay on tunnel 1 until its SAs are deleted follow a DELETE at once",
  engines: ["native", "uml"],
  run: async (lab) => {
    await startSteady(lab, steered);
    await untilFirstCarries(lab);
    await answerByFirstWhileItHasSas(lab);
    await deleteSticky(lab);
    await starveSticky(lab);
  },
};
