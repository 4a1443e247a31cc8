import { checkEqual } from "../check.ts";
import { checkOutage, movesOf, steered, untilCarrier, untilFirstCarries } from "../failover.ts";
import { answerBy, answerByFirstWhileItHasSas } from "../faults.ts";
import { untilHealth, untilWhole } from "../health.ts";
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

/** Nothing on this side turns the answers round: the VPN gateway must give its SAs up first, after 30 to 40 s. */
const PEER_DPD = 45;

const cutSticky = async (lab: Lab): Promise<void> => {
  lab.progress("tunnel 1 is cut; answers stay on it until its VPN gateway gives it up");
  const watch = lab.watchPings();
  await lab.sleep(1);
  await lab.cut(1);
  await untilHealth(lab, "tunnel 1 as dead", 10, ({ tunnels }) => tunnels[0]?.passing === false);
  await untilHealth(lab, "tunnel 2 as carrying", 60, ({ carrier, tunnels }) => carrier === 2 && tunnels[1]?.passing === true);
  await lab.sleep(2);
  checkOutage(lab, await watch.stop(), PEER_DPD, "silent cut, sticky answers");
  await lab.restore(1);
  await untilWhole(lab, 60);
};

export const failoverSticky: Scenario = {
  name: "failover-sticky",
  title: "Answers that stay on tunnel 1 while its peer has SAs follow a DELETE at once, and a silent cut when the peer gives up",
  engines: ["native", "uml"],
  timeoutSeconds: 200,
  run: async (lab) => {
    await startSteady(lab, steered);
    await untilFirstCarries(lab);
    await answerByFirstWhileItHasSas(lab);
    await deleteSticky(lab);
    await cutSticky(lab);
  },
};
