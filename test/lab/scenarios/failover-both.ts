import { systemClock } from "../../../agent/lib/clock.ts";
import { check, checkEqual } from "../check.ts";
import { movesOf, steered, untilFirstCarries } from "../failover.ts";
import { untilHealth, untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { startSteady } from "../steady.ts";
import { readTold } from "../told.ts";
import type { Scenario } from "./scenario.ts";

const cutBoth = async (lab: Lab): Promise<void> => {
  lab.progress("cutting both tunnels");
  const cutAt = systemClock.monotonic();
  await Promise.all([lab.cut(1), lab.cut(2)]);
  const health = await untilHealth(
    lab,
    "connection-down",
    20,
    ({ status, warnings }) => status === "down" && warnings.some(({ code }) => code === "connection-down"),
  );
  const seconds = (systemClock.monotonic() - cutAt) / 1000;
  checkEqual(health.code, 503, "/healthz with both tunnels cut");
  lab.findings.notes.push(`both cut to /healthz saying so: ${seconds.toFixed(2)} s`);
};

const restoreBoth = async (lab: Lab): Promise<void> => {
  lab.progress("restoring both tunnels");
  const backAt = systemClock.monotonic();
  await Promise.all([lab.restore(1), lab.restore(2)]);
  await untilHealth(lab, "ok or degraded", 40, ({ code }) => code === 200);
  const first = (systemClock.monotonic() - backAt) / 1000;
  await untilWhole(lab, 60);
  const whole = (systemClock.monotonic() - backAt) / 1000;
  lab.findings.notes.push(`both restored to a tunnel that passes: ${first.toFixed(2)} s, to all of them: ${whole.toFixed(2)} s`);
  check(first < 15, `a tunnel should pass within 15 s of the way being back, it took ${first.toFixed(1)} s`);
};

export const failoverBoth: Scenario = {
  name: "failover-both",
  title: "With both tunnels dead the agent says so and stays; both come back by themselves",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await startSteady(lab, steered);
    await untilFirstCarries(lab);
    const before = movesOf(lab.agent).length;
    await cutBoth(lab);
    await lab.sleep(12);
    const moves = movesOf(lab.agent).slice(before);
    lab.findings.notes.push(`moves of traffic while both were dead: ${moves.length}`);
    // Of two cuts at one moment the agent sees one first, and only one carrier may be tried at a time with policy routing.
    if (lab.routing === "vti") check(moves.length <= 1, `with both dead traffic should stay, found ${moves.join("; ")}`);
    const { reason } = await readTold(lab, 1);
    lab.findings.notes.push(`tunnel 1 is told as: ${reason}`);
    await restoreBoth(lab);
    const { sent, received } = await lab.ping(20);
    lab.findings.ping = { sent, received };
    checkEqual(received, sent, "pings afterwards");
  },
};
