import { check } from "./check.ts";
import type { Lab } from "./lab.ts";
import { isRunning } from "./process-tree.ts";
import { SAMPLE, TUNNELS } from "./sample.ts";
import { startStrongswan } from "./strongswan.ts";
import { inNamespace } from "./topology.ts";

/** What can be taken out of a tunnel's way while the rest goes on passing. */
export type Traffic = "udp-500" | "udp-4500" | "esp";

const SELECTORS: Readonly<Record<Traffic, { readonly from: string; readonly to: string }>> = {
  "udp-500": { from: "ipproto udp sport 500", to: "ipproto udp dport 500" },
  "udp-4500": { from: "ipproto udp sport 4500", to: "ipproto udp dport 4500" },
  esp: { from: "ipproto esp", to: "ipproto esp" },
};

/** Drops one kind of packets between the gateway and a VPN gateway, silently and in both directions, or lets it pass again. */
export const drop = async (lab: Lab, tunnel: 1 | 2, traffic: Traffic, dropped = true): Promise<void> => {
  const { address } = TUNNELS[tunnel === 1 ? 0 : 1];
  const { from, to } = SELECTORS[traffic];
  const rule = `rule ${dropped ? "add" : "del"} pref ${10 + tunnel}`;
  await lab.processes.run(["ip", "-n", "inet", "-batch", "-"], {
    input: `${rule} from ${address} ${from} blackhole\n${rule} to ${address} ${to} blackhole\n`,
  });
};

/** Loses `percent` of the packets towards a VPN gateway at random; 0 ends that. */
export const lose = async (lab: Lab, tunnel: 1 | 2, percent: number): Promise<void> => {
  const dev = ["dev", `v${tunnel}`, "root"];
  const argv = percent === 0 ? ["del", ...dev] : ["add", ...dev, "netem", "loss", `${percent}%`];
  await lab.processes.run(inNamespace("inet", ["tc", "qdisc", ...argv]));
};

const pidIn = async (lab: Lab, box: Lab["gateway"], file: string): Promise<number> => {
  const pid = Number((await box.read(file)).trim());
  check(pid > 1 && isRunning(pid), `${box.name}: ${file} should name a running process, found ${pid}`);
  lab.processes.keep("faults", `${box.name} ${file} ${pid}\n`);
  return pid;
};

/** kill -9 of starter and charon: nobody tells the other side, and nobody starts them again. */
export const killStrongswan = async (lab: Lab, box: Lab["gateway"]): Promise<void> => {
  const pids = [await pidIn(lab, box, "/run/starter.charon.pid"), await pidIn(lab, box, "/run/charon.pid")];
  for (const pid of pids) process.kill(pid, "SIGKILL");
};

/** A VPN gateway loses power: its SAs are gone without a DELETE, and it answers again as soon as it has started. */
export const restartPeer = async (lab: Lab, tunnel: 1 | 2): Promise<void> => {
  const peer = lab.peer(tunnel);
  await killStrongswan(lab, peer);
  const flush = "ip xfrm state flush; ip xfrm policy flush; rm -f /run/charon.* /run/starter.charon.pid";
  await lab.processes.run(peer.inside(["sh", "-c", flush]));
  await startStrongswan(peer, lab.processes, 1);
};

const FOLLOW = [1, 2].map((tunnel) => `rule del fwmark ${tunnel} table 10${tunnel}\n`).join("");

/** The dyno answers by this tunnel, whichever way the request came. */
export const answerBy = async (lab: Lab, tunnel: 1 | 2): Promise<void> => {
  await lab.processes.run(["ip", "-n", "dyno", "-batch", "-"], {
    input: `${FOLLOW}route replace default via 10.0.${tunnel}.1\n`,
  });
};

/**
 * The dyno answers by tunnel 1 for as long as its VPN gateway has a CHILD_SA, and by tunnel 2 otherwise, as AWS does: without a
 * CHILD_SA the VPN gateway's ordinary route leads the packet back, past the dyno, to the other one.
 */
export const answerByFirstWhileItHasSas = async (lab: Lab): Promise<void> => {
  await answerBy(lab, 1);
  const forward = "echo 1 >/proc/sys/net/ipv4/ip_forward; for f in /proc/sys/net/ipv4/conf/*/send_redirects; do echo 0 >$f; done";
  // What comes back there has the dyno's own address as its source.
  const own = "echo 1 >/proc/sys/net/ipv4/conf/all/accept_local";
  await lab.processes.run(inNamespace("dyno", ["sh", "-c", `${forward}; ${own}`]));
  await lab.processes.run(inNamespace("vgw1", ["sh", "-c", forward]));
  await lab.processes.run([
    "ip",
    "-n",
    "dyno",
    "rule",
    "add",
    "pref",
    "50",
    "iif",
    "d1",
    "to",
    SAMPLE.localSubnet,
    "lookup",
    "102",
  ]);
  await lab.processes.run(["ip", "-n", "vgw1", "route", "add", SAMPLE.localSubnet, "via", "10.0.1.2"]);
};
