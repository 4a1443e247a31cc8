import { copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { stringify } from "yaml";
import { sampleSettings } from "../lab/agent.ts";
import { check, checkEqual, waitUntil } from "../lab/check.ts";
import { checkOutage, steered, untilCarrier } from "../lab/failover.ts";
import { untilWhole } from "../lab/health.ts";
import { sampleConnection } from "../lab/heroku.ts";
import type { Lab } from "../lab/lab.ts";
import { checkNoLoss } from "../lab/ping.ts";
import { SAMPLE } from "../lab/sample.ts";
import { charonFragment } from "../lab/strongswan.ts";
import { Machine } from "./machine.ts";
import { differenceOf, snapshotOf } from "./snapshot.ts";

const settings = (mode: string): string => stringify({ ...steered(sampleSettings("file", "policy")), install: { mode } });

const show = async (machine: Machine, property: string): Promise<string> =>
  (await machine.run("systemctl", "show", "-p", property, "--value", "spacegate")).trim();

const untilRunning = (machine: Machine, not = "0"): Promise<string> =>
  waitUntil("the agent to say that it is ready, as another process than before", 30, async () => {
    const [state, pid] = [await show(machine, "ActiveState"), await show(machine, "MainPID")];
    return state === "active" && pid !== not ? { done: true, value: pid } : { done: false, seen: `${state}, process ${pid}` };
  });

const untilHeld = (machine: Machine): Promise<string> =>
  waitUntil("charon to hold both conns", 30, async () => {
    const conns = await machine.run("swanctl", "--list-conns").catch((thrown) => String(thrown));
    const held = /office\.1: /.test(conns) && /office\.2: /.test(conns);
    return held ? { done: true, value: conns } : { done: false, seen: conns.slice(-300) };
  });

const charonOf = async (machine: Machine): Promise<string> => (await machine.run("pidof", "charon").catch(() => "none")).trim();

const install = async (machine: Machine, deb: string): Promise<void> => {
  await copyFile(deb, join(machine.root, "root", basename(deb)));
  await machine.run("dpkg", "--install", `/root/${basename(deb)}`);
  await machine.run("rm", `/root/${basename(deb)}`);
};

const configure = async (machine: Machine, lab: Lab, mode: string): Promise<void> => {
  await machine.write("/etc/spacegate/connections.json", JSON.stringify(sampleConnection()), 0o600);
  await machine.write("/etc/spacegate/config.yaml", settings(mode));
  await machine.write("/etc/credstore/heroku-api-key", `${SAMPLE.token}\n`, 0o600);
  await machine.run("systemctl", "start", "spacegate");
  await untilHeld(machine);
  await untilWhole(lab);
};

/** What is done to the package or to the agent costs the LAN nothing. */
const withoutLoss = async (lab: Lab, what: string, act: () => Promise<void>): Promise<void> => {
  const pings = lab.watchPings();
  await act();
  checkNoLoss(await pings.stop(), what);
};

/** The confined agent may do all that it must when the tunnel that carries dies. */
const failover = async (lab: Lab): Promise<void> => {
  const { carrier } = await untilWhole(lab);
  const [from, to] = carrier === 1 ? ([1, 2] as const) : ([2, 1] as const);
  const pings = lab.watchPings();
  await lab.sleep(1);
  await lab.cut(from);
  await untilCarrier(lab, to);
  await lab.sleep(1);
  checkOutage(lab, await pings.stop(), POLICY_OUTAGE_SECONDS, "a silent cut, under the unit");
  await lab.restore(from);
  await untilWhole(lab);
};

/** Upwards and downwards: the agent is another process, and charon is the same, with the same conns. */
const replace = async (machine: Machine, deb: string): Promise<void> => {
  const [agent, charon] = [await untilRunning(machine), await charonOf(machine)];
  await install(machine, deb);
  await untilRunning(machine, agent);
  await untilHeld(machine);
  checkEqual(await charonOf(machine), charon, "charon's process, over another version of the package");
};

/** A stuck agent is ended and started by the watchdog, and charon does not notice. */
const watchdog = async (machine: Machine): Promise<void> => {
  await machine.run("mkdir", "-p", "/run/systemd/system/spacegate.service.d");
  await machine.run("sh", "-c", "printf '[Service]\\nWatchdogSec=2\\n' >/run/systemd/system/spacegate.service.d/quick.conf");
  await machine.run("systemctl", "daemon-reload");
  await machine.run("systemctl", "restart", "spacegate");
  const [agent, charon] = [await untilRunning(machine), await charonOf(machine)];
  await machine.run("sleep", "5");
  checkEqual(await untilRunning(machine), agent, "an agent that is not stuck");
  await machine.run("sh", "-c", `kill -STOP ${agent}`);
  await untilRunning(machine, agent);
  checkEqual(await charonOf(machine), charon, "charon's process, over a restart by the watchdog");
  await machine.run("sh", "-c", "rm -r /run/systemd/system/spacegate.service.d && systemctl daemon-reload");
};

/** What the confined agent could do to the host. */
const confinement = async (machine: Machine): Promise<void> => {
  const pid = await untilRunning(machine);
  const inside = (command: string): Promise<string> => machine.run("nsenter", "-t", pid, "-m", "sh", "-c", command);
  for (const path of ["/usr/x", "/etc/systemd/x", "/etc/cron.d/x", "/var/lib/x", "/proc/sys/kernel/x"])
    check(
      await inside(`touch ${path}`).then(
        () => false,
        () => true,
      ),
      `the agent should not be able to write ${path}`,
    );
  for (const path of ["/etc/passwd", "/etc/shadow"])
    check(
      await inside(`mv ${path} ${path}2`).then(
        () => false,
        () => true,
      ),
      `the agent should not be able to replace ${path}`,
    );
  await inside("echo 0 >/proc/sys/net/ipv4/conf/lo/disable_policy");
  const status = await machine.run("cat", `/proc/${pid}/status`);
  await machine.run("systemctl", "reload", "spacegate");
  checkEqual(await untilRunning(machine), pid, "the agent's process, over a reload");
  check(/CapBnd:\s+0000000000003000/.test(status), "the agent should have CAP_NET_ADMIN and CAP_NET_RAW only");
};

/** As in the lab's failover scenarios with policy routing. */
const POLICY_OUTAGE_SECONDS = 2;

const OWNERS_CONF = "config setup\n\nconn owners-own\n  left=203.0.113.10\n  right=198.51.100.7\n  authby=secret\n  auto=add\n";

/** Removal leaves strongSwan as it was found, and settings and token for another time. */
const remove = async (machine: Machine, mode: string): Promise<void> => {
  await machine.run("dpkg", "--remove", "spacegate");
  checkEqual(await machine.read("/etc/ipsec.conf"), OWNERS_CONF, `/etc/ipsec.conf, after mode ${mode}`);
  const left = await machine.run("find", "/etc/ipsec.d", "/etc/strongswan.d", "/etc", "-maxdepth", "1", "-name", "*spacegate*");
  checkEqual(left.trim().split("\n"), ["/etc/spacegate"], "what is left in /etc with the agent's name");
  const conns = await waitUntil("charon to hold the owner's conn alone", 20, async () => {
    const held = await machine.run("swanctl", "--list-conns").catch((thrown) => String(thrown));
    return /^owners-own:/m.test(held) && !held.includes("spacegate.") ? { done: true, value: held } : { done: false, seen: held };
  });
  check(conns.includes("198.51.100.7"), "the owner's conn should be whole");
};

const prepare = async (machine: Machine): Promise<void> => {
  await machine.write("/etc/strongswan.d/lab.conf", charonFragment("libipsec"));
  await machine.write("/etc/ipsec.conf", OWNERS_CONF);
  await machine.boot();
  await machine.run("systemctl", "restart", "strongswan-starter");
};

const oneMode = async (machine: Machine, lab: Lab, mode: string): Promise<void> => {
  const { first = "", second = "" } = lab.options.paths ?? {};
  lab.progress(`install mode ${mode}: install, configure, upgrade, downgrade, remove`);
  await install(machine, first);
  if (mode === "own") checkEqual(await show(machine, "ActiveState"), "inactive", "an agent without settings");
  await configure(machine, lab, mode);
  if (mode === "own") await confinement(machine);
  await withoutLoss(lab, "an upgrade", () => replace(machine, second));
  await withoutLoss(lab, "a downgrade", () => replace(machine, first));
  if (mode === "own") {
    await withoutLoss(lab, "the watchdog", () => watchdog(machine));
    await untilWhole(lab);
    await failover(lab);
  }
  await remove(machine, mode);
};

/** From a clean system over every step of a package's life to a clean system. */
export const live = async (lab: Lab, suite: string): Promise<void> => {
  const machine = new Machine(lab.options.paths?.[suite] ?? "");
  try {
    await prepare(machine);
    const before = await snapshotOf(machine.root);
    for (const mode of ["own", "include"]) await oneMode(machine, lab, mode);
    lab.progress("purge");
    await machine.run("dpkg", "--purge", "spacegate");
    checkEqual(differenceOf(before, await snapshotOf(machine.root)), [], "what the package changed for good");
    lab.processes.keep("journal", await machine.run("journalctl", "--no-pager"));
  } finally {
    await machine.stop();
  }
};
