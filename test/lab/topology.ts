import type { Processes } from "./processes.ts";
import { SAMPLE, TUNNELS } from "./sample.ts";

/*
 * lan 172.16.0.10 -- 172.16.0.2 gw 203.0.113.10 -- inet -- 34.203.187.158 vgw1 --+
 *                                                  inet -- 34.227.70.143  vgw2 --+-- dyno 10.0.0.10
 *
 * Each name is a network namespace. The cell itself lives in gw, so that it can ask the agent over gw's loopback.
 */
export type Namespace = "gw" | "lan" | "inet" | "vgw1" | "vgw2" | "dyno";

export const inNamespace = (namespace: Namespace, argv: readonly string[]): string[] => [
  "nsenter",
  `--net=/run/netns/${namespace}`,
  ...argv,
];

const LINKS = `
netns add lan
netns add inet
netns add vgw1
netns add vgw2
netns add dyno
link add lan0 type veth peer name eth0 netns lan
link add wan0 type veth peer name gw0 netns inet
link add name v1 netns inet type veth peer name eth0 netns vgw1
link add name v2 netns inet type veth peer name eth0 netns vgw2
link add name space0 netns vgw1 type veth peer name d1 netns dyno
link add name space0 netns vgw2 type veth peer name d2 netns dyno
`;

const peerAddresses = (index: number, network: string, address: string): string => `
link set lo up
link set eth0 up
link set space0 up
address add ${address}/24 dev eth0
address add 10.0.${index}.1/24 dev space0
route add default via ${network}.1
route add ${SAMPLE.dyno}/32 via 10.0.${index}.2
`;

const ADDRESSES: Readonly<Record<Namespace, string>> = {
  gw: `
link set lo up
link set lan0 up
link set wan0 up
address add ${SAMPLE.gatewayLan}/24 dev lan0
address add ${SAMPLE.gateway}/24 dev wan0
route add default via 203.0.113.1
`,
  lan: `
link set lo up
link set eth0 up
address add ${SAMPLE.lan}/24 dev eth0
route add default via ${SAMPLE.gatewayLan}
`,
  inet: `
link set lo up
link set gw0 up
link set v1 up
link set v2 up
address add 203.0.113.1/24 dev gw0
address add 34.203.187.1/24 dev v1
address add 34.227.70.1/24 dev v2
`,
  vgw1: peerAddresses(1, "34.203.187", TUNNELS[0].address),
  vgw2: peerAddresses(2, "34.227.70", TUNNELS[1].address),
  // The dyno answers through the VPN gateway that the request came by (see `follow`), else through vgw1.
  dyno: `
link set lo up
link set d1 up
link set d2 up
address add ${SAMPLE.dyno}/32 dev lo
address add 10.0.1.2/24 dev d1
address add 10.0.2.2/24 dev d2
route add default via 10.0.1.1
rule add fwmark 1 table 101
rule add fwmark 2 table 102
route add default via 10.0.1.1 table 101
route add default via 10.0.2.1 table 102
`,
};

const FORWARD = ["ip_forward=1"];
const LOOSE = ["conf/*/rp_filter=0"];

// gw's rp_filter is 2, as systemd sets it on Debian and Ubuntu.
const SYSCTLS: Readonly<Record<Namespace, readonly string[]>> = {
  gw: [...FORWARD, "conf/*/rp_filter=2", "conf/all/rp_filter=0"],
  lan: [],
  inet: [...FORWARD, ...LOOSE],
  vgw1: [...FORWARD, ...LOOSE],
  vgw2: [...FORWARD, ...LOOSE],
  dyno: [...LOOSE, "fwmark_reflect=1", "tcp_fwmark_accept=1"],
};

const setSysctls = (settings: readonly string[]): string =>
  settings
    .map((setting) => setting.split("="))
    .map(([name, value]) => `for file in /proc/sys/net/ipv4/${name}; do echo ${value} >"$file"; done`)
    .join("\n");

// Both do the same. Kernels differ: user-mode Linux has no nf_tables for IPv4, small kernels have no matchall classifier.
const FOLLOW_TC = [1, 2]
  .map(
    (tunnel) =>
      `tc qdisc add dev d${tunnel} ingress && tc filter add dev d${tunnel} parent ffff: matchall action skbedit mark ${tunnel}`,
  )
  .join(" && ");

const FOLLOW_NFT = `
table ip follow {
  chain in {
    type filter hook prerouting priority mangle; policy accept;
    iifname "d1" meta mark set 1
    iifname "d2" meta mark set 2
  }
}
`;

const follow = async (processes: Processes): Promise<void> => {
  const { code } = await processes.run(inNamespace("dyno", ["sh", "-c", FOLLOW_TC]), { mayFail: true });
  if (code !== 0) await processes.run(inNamespace("dyno", ["nft", "-f", "-"]), { input: FOLLOW_NFT });
};

/** Makes the six namespaces, joined and addressed, without any tunnel. */
export const buildTopology = async (processes: Processes): Promise<void> => {
  await processes.run(["ip", "-batch", "-"], { input: LINKS });
  const namespaces = Object.keys(ADDRESSES) as Namespace[];
  await Promise.all(
    namespaces.map(async (namespace) => {
      const script = `${setSysctls(SYSCTLS[namespace])}\nip -batch -`;
      await processes.run(inNamespace(namespace, ["sh", "-ec", script]), { input: ADDRESSES[namespace] });
    }),
  );
  await follow(processes);
};

/**
 * Cuts or restores one tunnel's way through the internet, silently: both directions are dropped without any error message
 * and without a change of an interface's state.
 */
export const cutLink = async (processes: Processes, tunnel: 1 | 2, cut: boolean): Promise<void> => {
  const { address } = TUNNELS[tunnel - 1] as (typeof TUNNELS)[number];
  const action = cut ? "add" : "del";
  await processes.run(["ip", "-n", "inet", "-batch", "-"], {
    input: `rule ${action} pref ${tunnel} from ${address} blackhole\nrule ${action} pref ${tunnel} to ${address} blackhole\n`,
  });
};
