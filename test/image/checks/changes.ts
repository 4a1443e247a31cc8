import { readFile } from "node:fs/promises";
import { check, checkEqual, waitUntil } from "../../lab/check.ts";
import { untilNoWarning, untilWarning, untilWhole } from "../../lab/health.ts";
import { checkNoLoss } from "../../lab/ping.ts";
import { startSteady } from "../../lab/steady.ts";
import { saIds } from "../../lab/strongswan.ts";
import { propertyOf } from "../gateway-agent.ts";
import type { ImageLab } from "../image-lab.ts";
import { untilBooted } from "./boot.ts";
import type { ImageCheck } from "./check.ts";

const CONFIG = "/etc/spacegate/config.yaml";
const DEB = "/root/upgrade.deb";

const versionOf = (lab: ImageLab): Promise<string> =>
  lab.machine.shell("dpkg-query --status spacegate | sed -n 's/^Version: //p'");

const untilRestarted = (lab: ImageLab, before: string): Promise<string> =>
  waitUntil("the agent to be ready, as another process", 120, async () => {
    const [pid, state] = [await propertyOf(lab.machine, "MainPID"), await propertyOf(lab.machine, "ActiveState")];
    return pid !== before && state === "active" ? { done: true, value: pid } : { done: false, seen: `${state}, ${pid}` };
  });

/** Of what base64 makes, so that it passes through a shell's standard input whole. */
const copyIn = async (lab: ImageLab): Promise<void> => {
  await lab.machine.shell(`base64 --decode >${DEB}`, (await readFile(lab.image.upgrade)).toString("base64"));
};

const upgrade: ImageCheck = {
  name: "upgrade",
  title: "An upgrade of the package on the running machine loses no ping",
  run: async (lab) => {
    await startSteady(lab);
    await copyIn(lab);
    const [version, agent, charon] = [
      await versionOf(lab),
      await propertyOf(lab.machine, "MainPID"),
      await lab.machine.run("pidof", "charon"),
    ];
    const sas = saIds(await lab.sas());
    const watch = lab.watchPings(0.02);
    await lab.machine.run("dpkg", "--install", DEB);
    await untilRestarted(lab, agent);
    await untilWhole(lab, 120);
    const series = await watch.stop();
    lab.findings.ping = { sent: series.sent, received: series.received };
    lab.findings.notes.push(`${version} to ${await versionOf(lab)}: ${series.received} of ${series.sent} pings answered`);
    checkNoLoss(series, "during the upgrade");
    check((await versionOf(lab)) !== version, "another version should be installed");
    checkEqual(await lab.machine.run("pidof", "charon"), charon, "charon's process");
    checkEqual(saIds(await lab.sas()), sas, "the SAs");
    await lab.machine.run("rm", DEB);
  },
};

const BROKEN = "connections: [{ space: acme-space,\n";

const brokenSettings: ImageCheck = {
  name: "broken-settings",
  title: "A broken settings file leaves the gateway running, also over a restart of the agent",
  run: async (lab) => {
    await startSteady(lab);
    const sas = saIds(await lab.sas());
    const watch = lab.watchPings();
    await lab.gateway.write(CONFIG, BROKEN);
    await untilWarning(lab, "settings-refused");
    const agent = await propertyOf(lab.machine, "MainPID");
    await lab.machine.run("systemctl", "restart", "--no-block", "spacegate");
    await untilRestarted(lab, agent);
    await untilWhole(lab, 120);
    await untilWarning(lab, "settings-refused");
    checkEqual(saIds(await lab.sas()), sas, "the SAs");
    const series = await watch.stop();
    lab.findings.notes.push(`${series.received} of ${series.sent} pings answered`);
    checkNoLoss(series, "with a broken settings file");
  },
};

const brokenAtBoot: ImageCheck = {
  name: "broken-settings-reboot",
  title: "After a power-on with a broken settings file both tunnels come back, and whole settings end the warning",
  run: async (lab) => {
    await lab.gateway.write(CONFIG, BROKEN);
    await lab.reboot();
    try {
      await untilBooted(lab);
      await untilWarning(lab, "settings-refused");
    } finally {
      await lab.restoreSettings();
      await lab.machine.run("systemctl", "reset-failed", "spacegate");
      await lab.machine.run("systemctl", "start", "spacegate");
      await untilWhole(lab, 120);
      await untilNoWarning(lab, "settings-refused");
    }
  },
};

export const changeChecks = [upgrade, brokenSettings] as const;
export const brokenBootChecks = [brokenAtBoot] as const;
