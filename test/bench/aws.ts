import { check, waitUntil } from "../lab/check.ts";
import type { Lab } from "../lab/lab.ts";
import { SAMPLE, type SampleTunnel, TUNNELS } from "../lab/sample.ts";
import { charonFragment, startStrongswan } from "../lab/strongswan.ts";

/*
 * What AWS's console generates for strongSwan with "Automated Tunnel Healthcheck and Failover": auto=start, DPD 10/30 with
 * restart, a mark and an updown script a tunnel that makes the VTI link and an ordered route when the CHILD_SA comes and takes
 * both away when it goes, and a heartbeat that pings through each tunnel every five seconds. It differs where Heroku's end does:
 * narrow selectors, no addresses inside the tunnels. The clamping of TCP's segment size is left out: pings have none.
 */

const UPDOWN = "/etc/ipsec.d/aws-updown.sh";

const UPDOWN_SCRIPT = `#!/bin/sh
# Usage: aws-updown.sh LINK MARK; charon tells the rest in the environment.
case "$PLUTO_VERB" in
up-client)
  ip link add "$1" type vti local "$PLUTO_ME" remote "$PLUTO_PEER" key "$2"
  ip address add ${SAMPLE.gatewayLan}/32 dev "$1"
  ip link set "$1" up mtu 1419
  echo 2 >"/proc/sys/net/ipv4/conf/$1/rp_filter"
  echo 1 >"/proc/sys/net/ipv4/conf/$1/disable_policy"
  ip route add ${SAMPLE.spaceCidr} dev "$1" metric "$2"
  ;;
down-client)
  ip route del ${SAMPLE.spaceCidr} dev "$1" metric "$2"
  ip link del "$1"
  ;;
esac
`;

const mark = (tunnel: SampleTunnel): number => 100 * tunnel.index;

const conn = (tunnel: SampleTunnel): string => `
conn Tunnel${tunnel.index}
  auto=start
  left=${SAMPLE.gateway}
  leftid=${SAMPLE.gateway}
  right=${tunnel.address}
  type=tunnel
  leftauth=psk
  rightauth=psk
  keyexchange=ikev1
  ike=aes256-sha256-modp2048!
  esp=aes256-sha256-modp2048!
  ikelifetime=8h
  lifetime=1h
  keyingtries=%forever
  leftsubnet=${SAMPLE.localSubnet}
  rightsubnet=${SAMPLE.spaceCidr}
  dpddelay=10s
  dpdtimeout=30s
  dpdaction=restart
  mark=${mark(tunnel)}
  leftupdown="${UPDOWN} Tunnel${tunnel.index} ${mark(tunnel)}"
`;

const HEARTBEAT = `while true; do
  ping -c 1 -I Tunnel1 ${SAMPLE.dyno} >/dev/null 2>&1
  ping -c 1 -I Tunnel2 ${SAMPLE.dyno} >/dev/null 2>&1
  sleep 5
done`;

/** As soon as each tunnel has its CHILD_SA and its route. */
export const untilAwsIsUp = (lab: Lab, timeoutSeconds = 30): Promise<void> =>
  waitUntil("both tunnels of AWS's configuration", timeoutSeconds, async () => {
    const { stdout } = await lab.inGateway(["ip", "route", "show", SAMPLE.spaceCidr]);
    const routes = TUNNELS.filter(({ index }) => stdout.includes(`dev Tunnel${index} `)).length;
    const up = (await lab.tunnelsFromCharon()).filter(({ child }) => child === "INSTALLED").length;
    return routes === 2 && up === 2 ? { done: true, value: undefined } : { done: false, seen: `${up} up, routes ${stdout}` };
  });

/** Configures the gateway as AWS's generated file says and brings both tunnels up. */
export const startAws = async (lab: Lab): Promise<void> => {
  const { gateway, options, processes } = lab;
  check(lab.routing === "vti", "AWS's configuration needs VTI links");
  const routes = "  install_routes = no\n";
  await gateway.write("/etc/strongswan.d/lab.conf", charonFragment(options.engine, routes));
  await gateway.write("/etc/ipsec.conf", `config setup\n  uniqueids=no\n${TUNNELS.map(conn).join("")}`);
  const secrets = TUNNELS.map(({ address, psk }) => `${SAMPLE.gateway} ${address} : PSK "${psk}"\n`).join("");
  await gateway.write("/etc/ipsec.secrets", secrets, 0o600);
  await gateway.write(UPDOWN, UPDOWN_SCRIPT, 0o755);
  await startStrongswan(gateway, processes, TUNNELS.length);
  await untilAwsIsUp(lab);
  processes.start("heartbeat", gateway.inside(["sh", "-c", HEARTBEAT]));
};
