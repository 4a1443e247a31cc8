import { stringify } from "yaml";
import { type RawSettings, sampleSettings } from "../agent.ts";
import { check, checkEqual, waitUntil } from "../check.ts";
import { untilNoWarning, untilWarning, untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { untilPasses } from "../metrics.ts";
import { checkNoLoss } from "../ping.ts";
import { quick, startSteady } from "../steady.ts";
import { checkSameFiles, fileStamps, stepsFromNow, Untouched } from "../untouched.ts";
import type { Scenario } from "./scenario.ts";

const withConnection =
  (more: RawSettings) =>
  (settings: RawSettings): RawSettings => ({
    ...quick(settings),
    connections: (settings.connections as readonly RawSettings[]).map((connection) => ({ ...connection, ...more })),
  });

const good = withConnection({ dpd: { delay: "7s", timeout: "21s" }, lifetimes: { child: "45m" } });
const bad = withConnection({ dpd: { delay: "7s", timeout: "21s" }, lifetimes: { child: "45 minutes" } });

/** charon's own view: a rekey time is a lifetime less its margin, and of conns from ipsec.conf only `ipsec` tells the DPD delay. */
const timersInCharon = async (lab: Lab): Promise<string[]> => {
  const [conns, status] = [await lab.inGateway(["swanctl", "--list-conns"]), await lab.inGateway(["ipsec", "statusall"])];
  return `${conns.stdout}${status.stdout}`.match(/rekeying every \d+s|dpddelay=\d+s/g) ?? [];
};

/** Waits until none of charon's timers is as it was. */
const untilChanged = (lab: Lab, before: readonly string[]): Promise<string[]> =>
  waitUntil("every timer of charon's conns to change", 20, async () => {
    const timers = await timersInCharon(lab);
    const done = timers.length === before.length && !timers.some((timer) => before.includes(timer));
    return done ? { done, value: timers } : { done, seen: timers.join(", ") };
  });

/** Where the settings file has the value, as an editor counts. */
const lineOf = (lab: Lab, change: (settings: RawSettings) => RawSettings, value: string): number =>
  stringify(change(sampleSettings(lab.options.source, lab.routing)))
    .split("\n")
    .findIndex((line) => line.includes(value)) + 1;

const takeGood = async (lab: Lab): Promise<void> => {
  lab.progress("changing DPD and lifetimes in the settings");
  const untouched = await Untouched.since(lab);
  const before = await timersInCharon(lab);
  check(before.includes("dpddelay=10s"), `charon should begin with the defaults, found ${before.join(", ")}`);
  await lab.writeSettings(good);
  const after = await untilChanged(lab, before);
  checkEqual(after.filter((timer) => timer === "dpddelay=7s").length, 2, "conns with the new DPD delay");
  await untouched.checkSas("after a good change");
  lab.findings.notes.push(`charon's timers before: ${[...new Set(before)].join(", ")}; after: ${[...new Set(after)].join(", ")}`);
};

const refuseBad = async (lab: Lab): Promise<void> => {
  lab.progress("writing settings that are wrong");
  const untouched = await Untouched.since(lab);
  const steps = stepsFromNow(lab.agent);
  await lab.writeSettings(bad);
  const line = lineOf(lab, bad, "45 minutes");
  const text = await untilWarning(lab, "settings-refused", `:${line}:`, "connections[0].lifetimes.child", "45 minutes");
  await untilPasses(lab, 2);
  await untouched.check("after a bad change");
  checkEqual(steps(), [], "the agent's steps after a bad change");
  lab.findings.notes.push(`the bad change was refused: ${text}`);
};

export const settingsChange: Scenario = {
  name: "settings-change",
  title: "A good change of the settings comes into force without a lost ping; a bad one is refused",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await startSteady(lab);
    const watch = lab.watchPings();
    await takeGood(lab);
    await untilPasses(lab, 1);
    const files = fileStamps(lab.gateway);
    await refuseBad(lab);
    lab.progress("correcting the settings");
    await lab.writeSettings(good);
    await untilNoWarning(lab, "settings-refused");
    await untilPasses(lab, 1);
    checkSameFiles(files, fileStamps(lab.gateway), "once corrected");
    await untilWhole(lab);
    const series = await watch.stop();
    lab.findings.ping = { sent: series.sent, received: series.received };
    checkNoLoss(series, "while the settings changed");
  },
};
