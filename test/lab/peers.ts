import type { Box } from "./box.ts";
import type { EngineName } from "./engines/engine.ts";
import type { Processes } from "./processes.ts";
import { SAMPLE, type SampleTunnel } from "./sample.ts";
import { charonFragment, startStrongswan } from "./strongswan.ts";

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

export const startPeer = async (box: Box, tunnel: SampleTunnel, engine: EngineName, processes: Processes): Promise<void> => {
  const kernel = engine === "libipsec" ? "kernel-libipsec kernel-netlink" : "kernel-netlink";
  await box.write("/etc/strongswan.d/lab.conf", charonFragment(engine, CHARON.replace("KERNEL", kernel)));
  await box.write("/etc/ipsec.conf", ipsecConf(tunnel));
  await box.write("/etc/ipsec.secrets", `${tunnel.address} ${SAMPLE.gateway} : PSK "${tunnel.psk}"\n`, 0o600);
  await startStrongswan(box, processes, 1);
};
