import type { Box } from "./box.ts";
import { waitUntil } from "./check.ts";
import type { EngineName } from "./engines/engine.ts";
import type { Processes } from "./processes.ts";
import { SAMPLE, type SampleTunnel } from "./sample.ts";
import { CHARON_LOG, charonFragment, startStrongswan } from "./strongswan.ts";

/** The only conn of a peer. */
export const PEER_CONN = "customer";

/** Heroku's end of a tunnel: it waits for the customer, as AWS does, and gives up a dead customer's SAs. */
const ipsecConf = (tunnel: SampleTunnel): string => `config setup
  uniqueids=no

conn ${PEER_CONN}
  type=tunnel
  keyexchange=ike
  ike=aes256-sha256-modp2048!
  esp=aes256-sha256-modp2048!
  ikelifetime=8h
  lifetime=1h
  authby=secret
  left=${tunnel.address}
  leftid=${tunnel.address}
  leftsubnet=${SAMPLE.spaceCidr}
  right=${SAMPLE.gateway}
  rightid=${SAMPLE.gateway}
  rightsubnet=${SAMPLE.localSubnet}
  dpddelay=10s
  dpdtimeout=30s
  dpdaction=clear
  auto=add
`;

// Few plugins load quicker. Without a block_threshold charon ignores a gateway that tries again and again.
const CHARON = `
  load_modular = no
  load = random nonce aes sha1 sha2 hmac kdf gmp drbg xcbc stroke vici KERNEL socket-default updown
  block_threshold = 0
`;

const secret = (address: string, psk: string): string => `${address} ${SAMPLE.gateway} : PSK "${psk}"\n`;

export const startPeer = async (box: Box, tunnel: SampleTunnel, engine: EngineName, processes: Processes): Promise<void> => {
  const kernel = engine === "libipsec" ? "kernel-libipsec kernel-netlink" : "kernel-netlink";
  await box.write("/etc/strongswan.d/lab.conf", charonFragment(engine, CHARON.replace("KERNEL", kernel)));
  await box.write("/etc/ipsec.conf", ipsecConf(tunnel));
  await box.write("/etc/ipsec.secrets", secret(tunnel.address, tunnel.psk), 0o600);
  await startStrongswan(box, processes, 1);
};

/** Gives a tunnel another PSK; the peer's SAs stay, and the next authentication asks for the new one. */
export const changePeerPsk = async (box: Box, tunnel: SampleTunnel, psk: string, processes: Processes): Promise<void> => {
  await box.write("/etc/ipsec.secrets", secret(tunnel.address, psk), 0o600);
  await processes.run(box.inside(["ipsec", "rereadsecrets"]));
};

/** Gives the VPN gateway a second address (of its own /24) that takes the tunnel too; the first goes on working. */
export const addPeerAddress = async (box: Box, tunnel: SampleTunnel, address: string, processes: Processes): Promise<void> => {
  await processes.run(box.inside(["ip", "address", "add", `${address}/24`, "dev", "eth0"]));
  const conn = `\nconn ${PEER_CONN}-new\n  also=${PEER_CONN}\n  left=${address}\n  leftid=${address}\n`;
  await box.write("/etc/ipsec.conf", `${ipsecConf(tunnel)}${conn}`);
  await box.write("/etc/ipsec.secrets", `${secret(tunnel.address, tunnel.psk)}${secret(address, tunnel.psk)}`, 0o600);
  await processes.run(box.inside(["ipsec", "rereadsecrets"]));
  await processes.run(box.inside(["ipsec", "update"]));
  await waitUntil("the VPN gateway to take its second address", 10, async () => {
    const added = (await box.read(CHARON_LOG)).includes(`added configuration '${PEER_CONN}-new'`);
    return added ? { done: true, value: undefined } : { done: false, seen: "conn not loaded" };
  });
};
