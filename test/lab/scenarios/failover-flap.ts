import { systemClock } from "../../../agent/lib/clock.ts";
import { check, checkEqual } from "../check.ts";
import { HOLD_DOWN, movesOf, steered, untilCarrier, untilFirstCarries } from "../failover.ts";
import { untilHealth, untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

const FLAPS = 4;

/** Doubled with each failure after the first: longer than the fifty clean probes that are asked for anyway. */
const GROWN = HOLD_DOWN * 2 ** (FLAPS - 1);

const untilShown = (lab: Lab, passing: boolean): Promise<unknown> =>
  untilHealth(lab, `tunnel 1 as ${passing ? "" : "not "}passing`, 10, ({ tunnels }) => tunnels[0]?.passing === passing);

/** Each time tunnel 1 is seen dead and seen well again, and is well for less than the hold-down. */
const flap = async (lab: Lab): Promise<void> => {
  for (let round = 0; round < FLAPS; round += 1) {
    await lab.cut(1);
    await untilShown(lab, false);
    await lab.restore(1);
    await untilShown(lab, true);
  }
};

export const failoverFlap: Scenario = {
  name: "failover-flap",
  title: "Of a carrier that flaps four times traffic is moved away once, and comes back after a hold-down that has grown",
  engines: ["native", "uml"],
  run: async (lab) => {
    await startSteady(lab, steered);
    await untilFirstCarries(lab);
    const before = movesOf(lab.agent).length;
    lab.progress(`tunnel 1 flaps ${FLAPS} times`);
    await flap(lab);
    const wellAt = systemClock.monotonic();
    await untilWhole(lab);
    checkEqual(movesOf(lab.agent).length - before, 1, "moves of traffic during the flaps");
    lab.progress("waiting for traffic to come back");
    await untilCarrier(lab, 1, 60);
    const seconds = (systemClock.monotonic() - wellAt) / 1000;
    lab.findings.notes.push(
      `well to carrying again after ${FLAPS} flaps: ${seconds.toFixed(1)} s, the first hold-down being ${HOLD_DOWN} s`,
    );
    // The moment of its being well again is seen a little late.
    check(seconds > 0.95 * GROWN, `the hold-down should have grown to ${GROWN} s, it took ${seconds.toFixed(1)} s`);
    checkEqual(movesOf(lab.agent).length - before, 2, "moves of traffic in the end");
  },
};
