import { check } from "../check.ts";
import { checkOutage, checkShownDead, movesOf, steered, untilCarrier, untilFirstCarries, withoutProbe } from "../failover.ts";
import { untilHealth, untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { checkNoLoss } from "../ping.ts";
import { startSteady } from "../steady.ts";
import { readTold } from "../told.ts";
import type { Scenario } from "./scenario.ts";

/** Cuts the carrier under pings, and leaves it cut. */
const cutCarrier = async (lab: Lab, limitSeconds: number, what: string): Promise<void> => {
  lab.progress("cutting tunnel 1, which carries, silently");
  const watch = lab.watchPings(0.02);
  await lab.sleep(1.5);
  await lab.cut(1);
  await untilCarrier(lab, 2);
  await checkShownDead(lab, 1);
  await lab.sleep(2);
  checkOutage(lab, await watch.stop(), limitSeconds, what);
};

/** With VTI routing the tunnel that was cut comes back into use; policy routing leaves traffic where it works. */
const comeBack = async (lab: Lab): Promise<void> => {
  lab.progress("restoring tunnel 1: it is repaired, and after the hold-down traffic comes back");
  const watch = lab.watchPings();
  await lab.restore(1);
  await untilCarrier(lab, 1, 60);
  await untilWhole(lab);
  await lab.sleep(1);
  checkNoLoss(await watch.stop(), "while traffic came back");
};

const checkMoves = (lab: Lab, expected: number): void => {
  const moves = movesOf(lab.agent);
  check(moves.length === expected, `traffic should move ${expected} time(s), found ${JSON.stringify(moves)}`);
};

export const failoverCut: Scenario = {
  name: "failover-cut",
  title: "A silent cut of the carrier moves traffic in under 2 s, and back without loss once it is well",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await startSteady(lab, steered);
    await untilFirstCarries(lab);
    const before = movesOf(lab.agent).length;
    await cutCarrier(lab, 2, "silent cut, probes");
    const { reason } = await readTold(lab, 1);
    if (lab.routing === "policy") return checkMoves(lab, before + 1);
    check(/^(no-replies|no-answer-500): /.test(reason), `tunnel 1 should be told with a reason, found "${reason}"`);
    await lab.sleep(8);
    await comeBack(lab);
    checkMoves(lab, before + 2);
  },
};

export const failoverCutPassive: Scenario = {
  name: "failover-cut-passive",
  title: "Without a probe target the counters tell a silent cut, and traffic moves in under 3 s",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    lab.progress("starting the stand-in Platform API and the agent, without a probe");
    await lab.heroku.start();
    await lab.startAgent((settings) => withoutProbe(steered(settings)));
    const traffic = lab.watchPings(0.2);
    await untilHealth(lab, "tunnel 1 as passing", 30, ({ tunnels }) => tunnels[0]?.passing === true);
    await untilFirstCarries(lab);
    await cutCarrier(lab, 3, "silent cut, counters alone");
    await traffic.stop();
  },
};
