import { containsAddress, parseCidr } from "../lib/ip.ts";
import type { DesiredTunnel, Sysctl } from "../model/desired.ts";
import type { HostFacts } from "../model/observed.ts";
import type { Settings } from "../model/settings.ts";

/** A tracked connection takes some 320 bytes; the table may grow to a sixteenth of the memory. */
const TRACKED_BYTES = 320;
const TRACKED_SHARE = 16;
const FEWEST_TRACKED = 65_536;
const MOST_TRACKED = 1_048_576;

/** Connections a bucket of the hash table; looking one up stays quick. */
const A_BUCKET = 4;

const host = (key: string, value: string): Sysctl => ({ key, value, host: true });
const atLeast = (key: string, value: number): Sysctl => ({ key, value: String(value), host: true, atLeast: true });

/** The devices towards the VPN gateways and towards the local subnets. */
const involvedDevices = (settings: Settings, tunnels: readonly DesiredTunnel[], { devices }: HostFacts): string[] => {
  const locals = new Set(tunnels.map(({ local }) => local));
  const subnets = new Set(settings.connections.flatMap(({ local }) => local.subnets));
  const blocks = [...subnets].flatMap((subnet) => parseCidr(subnet) ?? []);
  const involved = Object.entries(devices).filter(
    ([address]) => locals.has(address) || blocks.some((block) => containsAddress(block, address)),
  );
  return [...new Set(involved.map(([, device]) => device))];
};

/** The kernel judges by a device's own value and everybody's; links made later begin with the default's. */
const redirectsOff = (devices: readonly string[]): Sysctl[] =>
  ["all", "default", ...devices].flatMap((scope) =>
    ["accept_redirects", "send_redirects"].map((name) => host(`net/ipv4/conf/${scope}/${name}`, "0")),
  );

const tracking = (memoryBytes: number): Sysctl[] => {
  if (memoryBytes === 0) return [];
  const fitting = Math.floor(memoryBytes / TRACKED_SHARE / TRACKED_BYTES);
  const most = Math.min(MOST_TRACKED, Math.max(FEWEST_TRACKED, fitting));
  return [
    atLeast("net/netfilter/nf_conntrack_buckets", Math.floor(most / A_BUCKET)),
    atLeast("net/netfilter/nf_conntrack_max", most),
  ];
};

/** What a gateway needs of the kernel besides its links: to forward, to send and believe no redirects, to track enough connections. */
export const hostSysctls = (settings: Settings, tunnels: readonly DesiredTunnel[], facts: HostFacts): Sysctl[] => {
  if (!settings.sysctls.manage || tunnels.length === 0) return [];
  const devices = involvedDevices(settings, tunnels, facts);
  return [host("net/ipv4/ip_forward", "1"), ...redirectsOff(devices), ...tracking(facts.memoryBytes)];
};
