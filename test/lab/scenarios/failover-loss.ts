import { systemClock } from "../../../agent/lib/clock.ts";
import { check, checkEqual } from "../check.ts";
import { HOLD_DOWN, movesOf, steered, untilCarrier, untilFirstCarries } from "../failover.ts";
import { lose } from "../faults.ts";
import type { Lab } from "../lab.ts";
import { checkNoLoss } from "../ping.ts";
import { startSteady } from "../steady.ts";
import { stepsFromNow, Untouched } from "../untouched.ts";
import type { Scenario } from "./scenario.ts";

const PERCENT = 20;
const SECONDS = 40;

/** In seconds: fifty probes that are answered take so long. */
const PROOF = 9;

const loseFromCarrier = async (lab: Lab): Promise<void> => {
  const before = movesOf(lab.agent).length;
  lab.progress(`losing ${PERCENT}% of the packets to VPN gateway 1 for ${SECONDS} s`);
  const watch = lab.watchPings();
  await lose(lab, 1, PERCENT);
  await lab.sleep(SECONDS);
  const { sent, received, longestGapSeconds } = await watch.stop();
  const moves = movesOf(lab.agent).slice(before);
  lab.findings.ping = { sent, received };
  const lost = (100 * (sent - received)) / sent;
  lab.findings.notes.push(
    `pings lost: ${lost.toFixed(1)}%, the longest gap ${longestGapSeconds.toFixed(2)} s; moves of traffic: ${moves.join("; ")}`,
  );
  checkEqual(moves.length, 1, "moves of traffic, the hold-down being much shorter than the loss");
  check(moves[0]?.startsWith("from tunnel 1 to tunnel 2") === true, `traffic should move to tunnel 2, found ${moves[0]}`);
};

const comeBack = async (lab: Lab): Promise<void> => {
  lab.progress("nothing is lost any more: traffic comes back, but not at once");
  const watch = lab.watchPings();
  await lose(lab, 1, 0);
  const wellAt = systemClock.monotonic();
  await untilCarrier(lab, 1, 60);
  const seconds = (systemClock.monotonic() - wellAt) / 1000;
  await lab.sleep(1);
  lab.findings.notes.push(`the end of the loss to carrying again: ${seconds.toFixed(1)} s, the hold-down being ${HOLD_DOWN} s`);
  check(seconds > PROOF, `traffic should wait for clean probes, it came back after ${seconds.toFixed(1)} s`);
  checkNoLoss(await watch.stop(), "after the loss");
};

export const failoverLoss: Scenario = {
  name: "failover-loss",
  title: "A carrier that loses a fifth of its packets is left once for a clean tunnel, and only clean probes bring traffic back",
  engines: ["native", "uml"],
  timeoutSeconds: 200,
  run: async (lab) => {
    await startSteady(lab, steered);
    await untilFirstCarries(lab);
    const untouched = await Untouched.since(lab);
    const steps = stepsFromNow(lab.agent);
    await loseFromCarrier(lab);
    await comeBack(lab);
    await untouched.checkSas("after the loss");
    checkEqual(
      steps().filter((step) => !step.startsWith("replace-route")),
      [],
      "the agent's steps other than the flip",
    );
  },
};
