import type { RawSettings } from "../agent.ts";
import { check, checkEqual, waitUntil } from "../check.ts";
import {
  counted,
  hear,
  listen,
  OUTSIDER,
  outsiderIsAnswered,
  peersIn,
  seenIn,
  tableOf,
  untilCounted,
  watchFor,
} from "../firewall.ts";
import { untilWarning, untilWhole } from "../health.ts";
import type { Lab } from "../lab.ts";
import { readMetric, untilPasses } from "../metrics.ts";
import { addPeerAddress } from "../peers.ts";
import { SAMPLE, TUNNELS } from "../sample.ts";
import { askSourceNow, quick, startSteady } from "../steady.ts";
import { inNamespace } from "../topology.ts";
import type { Scenario } from "./scenario.ts";

const SSH = 2222;
const WEB = 8080;

/** ESP with AES-CBC and SHA-256 in UDP, as charon's own ESP always is. */
const MSS = 1382;

const settled =
  (changes: RawSettings) =>
  (settings: RawSettings): RawSettings => ({ ...quick(settings), firewall: changes });

const change = async (lab: Lab, changes: RawSettings): Promise<void> => {
  await lab.writeSettings(settled(changes));
  await untilPasses(lab, 2);
};

/** Somebody else's table. */
const OWNERS =
  "table inet owners {\n\tchain own {\n\t\ttype filter hook input priority filter; policy accept;\n\t\ttcp dport 1 drop\n\t}\n}\n";

const ownersTable = async (lab: Lab): Promise<string> => (await lab.inGateway(["nft", "list", "table", "inet", "owners"])).stdout;

const shutOutsidersOut = async (lab: Lab): Promise<void> => {
  lab.progress("an outsider asks for IKE, and for the gateway's other services");
  await listen(lab, "gw", SSH);
  for (const port of [500, 4500] as const) {
    const before = await counted(lab, "ike_refused");
    checkEqual(await outsiderIsAnswered(lab, port), false, `an answer to an outsider on UDP ${port}`);
    check((await untilCounted(lab, "ike_refused", before)) > 0, "what the outsider sent should be counted");
  }
  checkEqual(await hear(lab, "inet", SAMPLE.gateway, SSH), "hello", "what the gateway's TCP server says to the outsider");
};

const ping = (lab: Lab, from: "lan" | "inet", ...argv: string[]) =>
  lab.processes.run(inNamespace(from, ["ping", "-c", "3", "-i", "0.2", "-W", "1", ...argv]), { mayFail: true });

const forwardNothingElse = async (lab: Lab): Promise<void> => {
  lab.progress("packets of other networks, and plain ones that claim to come from the space");
  await watchFor(lab, "inet", { lan: `iifname "gw0" ip saddr ${SAMPLE.lan}` });
  await watchFor(lab, "lan", { plain: "ip saddr 10.0.99.1" });
  const before = { other: await counted(lab, "forward_refused"), clear: await counted(lab, "forward_clear") };
  await ping(lab, "lan", OUTSIDER);
  await untilCounted(lab, "forward_refused", before.other);
  await lab.processes.run(["ip", "-n", "inet", "-batch", "-"], {
    input: `address add 10.0.99.1/32 dev lo\nroute add ${SAMPLE.lan}/32 via ${SAMPLE.gateway}\n`,
  });
  await ping(lab, "inet", "-I", "10.0.99.1", SAMPLE.lan);
  await untilCounted(lab, "forward_clear", before.clear);
  checkEqual(await seenIn(lab, "inet"), { lan: 0 }, "packets of the LAN's in the internet");
  checkEqual(await seenIn(lab, "lan"), { plain: 0 }, "plain packets in the LAN");
  await change(lab, { forward: "any" });
  await ping(lab, "lan", OUTSIDER);
  check(((await seenIn(lab, "inet")).lan ?? 0) > 0, "with forward: any the LAN's packets should reach the internet");
  const clear = await counted(lab, "forward_clear");
  await ping(lab, "inet", "-I", "10.0.99.1", SAMPLE.lan);
  await untilCounted(lab, "forward_clear", clear);
  checkEqual(await seenIn(lab, "lan"), { plain: 0 }, "plain packets in the LAN with forward: any");
  await change(lab, {});
};

const clampTcp = async (lab: Lab): Promise<void> => {
  lab.progress("TCP through the tunnel");
  const syn = "tcp flags & (syn | rst) == syn";
  await watchFor(lab, "dyno", {
    syn: `tcp dport ${WEB} ${syn}`,
    fitting: `tcp dport ${WEB} ${syn} tcp option maxseg size ${MSS}`,
  });
  await listen(lab, "dyno", WEB);
  checkEqual(await hear(lab, "lan", SAMPLE.dyno, WEB), "hello", "what the dyno says to the LAN");
  checkEqual(await seenIn(lab, "dyno"), { syn: 1, fitting: 1 }, `the SYN that reached the dyno, and those with an MSS of ${MSS}`);
};

const DAMAGES: readonly string[] = [
  "nft flush table inet spacegate",
  "nft delete table inet spacegate",
  "nft insert rule inet spacegate input accept",
  `nft add element inet spacegate peers '{ ${OUTSIDER} }'`,
  "nft add chain inet spacegate more",
];

const repairDrift = async (lab: Lab): Promise<void> => {
  const table = await tableOf(lab);
  for (const command of DAMAGES) {
    lab.progress(command);
    const before = { repairs: await readMetric(lab, "spacegate_drift_repairs_total"), in: await counted(lab, "ike_in") };
    await lab.inGateway(["sh", "-ec", command]);
    await waitUntil("it to be put right", 10, async () => {
      const now = await tableOf(lab);
      const repairs = (await readMetric(lab, "spacegate_drift_repairs_total")) - before.repairs;
      return now === table && repairs === 1
        ? { done: true, value: undefined }
        : { done: false, seen: `${repairs} repairs: ${now}` };
    });
    await untilPasses(lab, 1);
    check((await counted(lab, "ike_in")) >= before.in, "the counters should go on");
  }
};

const killInBetween = async (lab: Lab): Promise<void> => {
  lab.progress("the agent is killed while it loads the table");
  const whole = [await tableOf(lab)];
  await change(lab, { forward: "any" });
  whole.push(await tableOf(lab));
  for (const [turn, waitMs] of [0, 150, 300, 450, 600, 900].entries()) {
    await lab.writeSettings(settled(turn % 2 === 0 ? {} : { forward: "any" }));
    await lab.sleep(waitMs / 1000);
    await lab.agent.kill();
    check(whole.includes(await tableOf(lab)), `a kill after ${waitMs} ms should leave one whole table`);
    lab.restartAgent();
    await untilWhole(lab);
  }
  await change(lab, {});
  checkEqual(await tableOf(lab), whole[0], "the table after all that");
};

const followAddress = async (lab: Lab): Promise<void> => {
  const [tunnel] = TUNNELS;
  const address = tunnel.address.replace(/\d+$/, "200");
  lab.progress(`the carrier's VPN gateway moves to ${address}`);
  await addPeerAddress(lab.peer(1), tunnel, address, lab.processes);
  const said = lab.agent.output().length;
  const watch = lab.watchPings();
  lab.heroku.updateTunnel(1, { ip: address });
  askSourceNow(lab.agent);
  await waitUntil("the table to follow", 40, async () => {
    const peers = peersIn(await tableOf(lab));
    return peers.includes(address) && !peers.includes(tunnel.address)
      ? { done: true, value: undefined }
      : { done: false, seen: peers.join(", ") };
  });
  await untilWhole(lab);
  const log = lab.agent.output().slice(said);
  const [opened, begun] = [log.indexOf("load the firewall's table"), log.indexOf("bring up spacegate.")];
  check(opened >= 0 && (begun < 0 || opened < begun), "the new address should be let in before its tunnel is brought up");
  const { sent, received } = await watch.stop();
  lab.findings.notes.push(`pings while the carrier's address changed: ${received} of ${sent} answered`);
};

const leaveToOwner = async (lab: Lab): Promise<void> => {
  lab.progress("the firewall is left to the owner");
  await change(lab, { manage: false });
  checkEqual(await tableOf(lab), "", "the agent's table");
  checkEqual(await outsiderIsAnswered(lab, 500), true, "an answer to an outsider, now that nobody shuts him out");
  check(
    !((await lab.http("/metrics"))?.body ?? "").includes("spacegate_firewall_packets_total{"),
    "no metrics should tell of it",
  );
  await change(lab, {});
  check((await tableOf(lab)) !== "", "the table should be back");
};

export const firewall: Scenario = {
  name: "firewall",
  title:
    "The gateway's own firewall shuts outsiders out and nobody else, follows addresses, repairs itself and goes when told to",
  engines: ["native", "libipsec"],
  timeoutSeconds: 240,
  run: async (lab) => {
    await lab.processes.run(lab.gateway.inside(["nft", "-f", "-"]), { input: OWNERS });
    const owners = await ownersTable(lab);
    await startSteady(lab);
    await shutOutsidersOut(lab);
    await forwardNothingElse(lab);
    if (lab.options.engine === "libipsec") await clampTcp(lab);
    await repairDrift(lab);
    await killInBetween(lab);
    if (lab.options.engine === "libipsec") await followAddress(lab);
    await leaveToOwner(lab);
    checkEqual(await ownersTable(lab), owners, "the owner's own table");
    lab.findings.tunnels = (await untilWhole(lab)).tunnels;
    lab.findings.ping = await lab.ping(20);
    checkEqual(lab.findings.ping.received, 20, "answered pings");
  },
};

/** There is nothing that a firewall could be loaded into. */
export const firewallAbsent: Scenario = {
  name: "firewall-absent",
  title: "Without nftables the tunnels come up all the same, and a warning says what to do",
  engines: ["uml", "libipsec"],
  run: async (lab) => {
    // In user-mode Linux the kernel has none; elsewhere the program is taken away.
    const away = lab.options.engine === "libipsec";
    if (away) await lab.inGateway(["sh", "-ec", "mount --bind /dev/null $(readlink -f $(command -v nft))"]);
    await startSteady(lab, settled({ manage: true }));
    await untilWarning(lab, "firewall-failed", "inet spacegate");
    lab.findings.tunnels = (await untilWhole(lab)).tunnels;
    lab.findings.ping = await lab.ping(20);
    checkEqual(lab.findings.ping.received, 20, "answered pings");
    checkEqual(await readMetric(lab, "spacegate_passes_failed_total"), 0, "failed passes");
  },
};
