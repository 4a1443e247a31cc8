import type { Box } from "./box.ts";
import { check } from "./check.ts";
import type { EngineName, Routing } from "./engines/engine.ts";
import type { Processes } from "./processes.ts";
import { SAMPLE, type SampleTunnel, TUNNELS } from "./sample.ts";
import { charonFragment, startStrongswan } from "./strongswan.ts";

/*
 * The gateway as the documentation tells an engineer to configure it, without an agent. It proves the lab itself, and it is
 * what the agent is measured against. It differs from the documentation where that does not work: sha2 is no algorithm of
 * strongSwan's (sha256), and identical selectors need marks and VTI devices to be up at the same time.
 */

const mark = (tunnel: SampleTunnel): number => 100 + tunnel.index;

const conn = (tunnel: SampleTunnel, routing: Routing): string => `
conn vpn${tunnel.index}
  right=${tunnel.address}
  rightid=${tunnel.address}
${routing === "vti" ? `  mark=${mark(tunnel)}\n` : ""}`;

const ipsecConf = (routing: Routing): string => `config setup
  strictcrlpolicy=no
  uniqueids=no

conn %default
  type=tunnel
  compress=no
  keyexchange=ikev1
  ike=aes256-sha256-modp2048!
  esp=aes256-sha256-modp2048!
  ikelifetime=28800s
  lifetime=1h
  authby=secret
  auto=add
  left=${SAMPLE.gateway}
  leftid=${SAMPLE.gateway}
  leftsubnet=${SAMPLE.localSubnet}
  rightsubnet=${SAMPLE.spaceCidr}
  dpddelay=10
  dpdtimeout=30
  dpdaction=restart
  keyingtries=%forever
${TUNNELS.map((tunnel) => conn(tunnel, routing)).join("")}`;

const vti = (tunnel: SampleTunnel): string => `
ip link add vti${tunnel.index} type vti local ${SAMPLE.gateway} remote ${tunnel.address} key ${mark(tunnel)}
ip link set vti${tunnel.index} up mtu 1419
echo 1 >/proc/sys/net/ipv4/conf/vti${tunnel.index}/disable_policy
echo 2 >/proc/sys/net/ipv4/conf/vti${tunnel.index}/rp_filter
ip route add ${SAMPLE.spaceCidr} dev vti${tunnel.index} src ${SAMPLE.gatewayLan} metric ${mark(tunnel)}
`;

const ROUTE_BASED = "  install_routes = no\n  install_virtual_ip = no\n";

/** Configures the gateway and brings up both tunnels (vti) or the first (policy). */
export const startByHand = async (box: Box, engine: EngineName, routing: Routing, processes: Processes): Promise<void> => {
  await box.write("/etc/strongswan.d/lab.conf", charonFragment(engine, routing === "vti" ? ROUTE_BASED : ""));
  await box.write("/etc/ipsec.conf", ipsecConf(routing));
  const secrets = TUNNELS.map((tunnel) => `${tunnel.address} : PSK "${tunnel.psk}"\n`).join("");
  await box.write("/etc/ipsec.secrets", secrets, 0o600);
  if (routing === "vti") await processes.run(box.inside(["sh", "-ec", TUNNELS.map(vti).join("")]));
  await startStrongswan(box, processes, TUNNELS.length);
  for (const tunnel of routing === "vti" ? TUNNELS : TUNNELS.slice(0, 1)) {
    const { stdout } = await processes.run(box.inside(["ipsec", "up", `vpn${tunnel.index}`]));
    // Its exit code says nothing.
    check(stdout.includes("established successfully"), `ipsec up vpn${tunnel.index} failed:\n${stdout}`);
  }
};
