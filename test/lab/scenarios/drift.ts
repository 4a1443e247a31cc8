import { check, checkEqual, waitUntil } from "../check.ts";
import { untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { readMetric } from "../metrics.ts";
import { startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

interface Damage {
  readonly what: string;
  /** A shell command in the gateway. */
  readonly command: string;
}

const FILES: readonly Damage[] = [
  { what: "ipsec.conf is edited", command: "sed -i s/dpddelay=10/dpddelay=99/ /etc/ipsec.conf" },
  { what: "ipsec.secrets is deleted", command: "rm /etc/ipsec.secrets" },
  { what: "ipsec.secrets is opened to others", command: "chmod 644 /etc/ipsec.secrets" },
];

const NETWORK: readonly Damage[] = [
  { what: "a VTI link is deleted", command: "ip link delete $(ip -o link show type vti | grep -o 'sgvti[0-9]*' | head -n 1)" },
  { what: "the routes are deleted", command: "ip route flush 10.0.0.0/16 proto 83" },
  { what: "a rule is deleted", command: "ip rule delete pref 5347" },
  { what: "a kernel setting is changed", command: "for f in /proc/sys/net/ipv4/conf/sgvti*/disable_policy; do echo 0 >$f; done" },
];

const repairs = (lab: Lab): Promise<number> => readMetric(lab, "spacegate_drift_repairs_total");

const damage = async (lab: Lab, { what, command }: Damage): Promise<void> => {
  lab.progress(what);
  const before = await repairs(lab);
  await lab.inGateway(["sh", "-ec", command]);
  await waitUntil(`it to be noticed and put right: ${what}`, 10, async () => {
    const after = await repairs(lab);
    return after > before ? { done: true, value: undefined } : { done: false, seen: `${after - before} repairs` };
  });
  await untilWhole(lab);
};

export const drift: Scenario = {
  name: "drift",
  title: "What somebody edits, deletes or takes down is noticed, put right, counted and logged once",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    const { agent } = await startSteady(lab);
    checkEqual(await repairs(lab), 0, "repairs before anything was changed");
    const damages = lab.routing === "vti" ? [...FILES, ...NETWORK] : FILES;
    for (const one of damages) await damage(lab, one);
    const conf = await lab.gateway.read("/etc/ipsec.conf");
    check(conf.includes("dpddelay=10\n"), "ipsec.conf should be as it was");
    const told = agent.output().match(/somebody changed what is the agent's/g)?.length ?? 0;
    checkEqual(told, damages.length, "log lines about it");
    lab.progress("ipsec down");
    await lab.inGateway(["sh", "-c", "ipsec down spacegate.acme-space.office.1; ipsec down spacegate.acme-space.office.2"], true);
    await lab.sleep(1);
    await untilWhole(lab);
    lab.findings.ping = await lab.ping(20);
    checkEqual(lab.findings.ping.received, 20, "answered pings");
  },
};
