import { check, checkEqual } from "../check.ts";
import { movesOf, untilFirstCarries } from "../failover.ts";
import { lose } from "../faults.ts";
import { startSteady } from "../steady.ts";
import { stepsFromNow, Untouched } from "../untouched.ts";
import type { Scenario } from "./scenario.ts";

const PERCENT = 20;
const SECONDS = 25;

export const failoverLoss: Scenario = {
  name: "failover-loss",
  title: "With a fifth of the carrier's packets lost traffic moves once at most, and no SA is torn down",
  engines: ["native", "uml"],
  run: async (lab) => {
    await startSteady(lab);
    await untilFirstCarries(lab);
    const before = movesOf(lab.agent).length;
    const untouched = await Untouched.since(lab);
    const steps = stepsFromNow(lab.agent);
    lab.progress(`losing ${PERCENT}% of the packets to VPN gateway 1 for ${SECONDS} s`);
    const watch = lab.watchPings();
    await lose(lab, 1, PERCENT);
    await lab.sleep(SECONDS);
    const series = await watch.stop();
    await lose(lab, 1, 0);
    const moves = movesOf(lab.agent).slice(before);
    const lost = (100 * (series.sent - series.received)) / series.sent;
    lab.findings.ping = { sent: series.sent, received: series.received };
    lab.findings.notes.push(`pings lost: ${lost.toFixed(1)}%; moves of traffic: ${moves.join("; ") || "none"}`);
    check(moves.length <= 1, `traffic should move once at most, found ${moves.join("; ")}`);
    check(lost > (moves.length === 0 ? 5 : 0), `packets should have been lost, found ${lost.toFixed(1)}%`);
    await untouched.checkSas("after the loss");
    checkEqual(
      steps().filter((step) => !step.startsWith("replace-route")),
      [],
      "the agent's steps other than the flip",
    );
  },
};
