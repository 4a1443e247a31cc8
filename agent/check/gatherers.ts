import { SpacegateError } from "../lib/errors.ts";
import { isPublicAddress } from "../lib/ip.ts";
import type { Settings } from "../model/settings.ts";
import type { SourceState } from "../model/source.ts";
import type { Status } from "../model/status.ts";
import { gatherAppArmor } from "./apparmor.ts";
import type { Ec2Metadata } from "./ec2.ts";
import { type Charon, type FactValues, type Gatherers, type Outlook, type PublicAddress, Unknown } from "./facts.ts";
import type { Commands, HostReader } from "./host-reader.ts";
import { gatherPathMtus } from "./path-mtu.ts";
import { gatherPorts } from "./ports.ts";
import { parseMainRoutes } from "./routes.ts";
import { gatherSecretFiles } from "./secret-files.ts";
import { gatherTcpMss } from "./tcp-mss.ts";
import { type TunnelPath, tunnelPaths } from "./tunnel-paths.ts";
import { type AskIke, gatherUdpAnswers } from "./udp-answers.ts";

/** Everything that facts are gathered through. What rejects leaves its fact unknown. */
export interface World {
  readonly settings: Settings;
  readonly reader: HostReader;
  readonly commands: Commands;
  readonly askIke: AskIke;
  /** Of this host, without loopback. */
  readonly addresses: () => readonly string[];
  readonly hasModule: (name: string) => Promise<boolean>;
  readonly sources: () => Promise<readonly SourceState[]>;
  /** What a plan would say, given the public addresses. */
  readonly outlook: (publicAddresses: readonly PublicAddress[]) => Promise<Outlook>;
  readonly agent: () => Promise<Status>;
  readonly charon: () => Promise<Charon>;
  /** Milliseconds that this host is ahead of another, and which. */
  readonly clock: (signal: AbortSignal) => Promise<FactValues["clock"]>;
  /** undefined on a host that is no EC2 instance. */
  readonly ec2: (signal: AbortSignal) => Promise<Ec2Metadata | undefined>;
  /** Only asked on an EC2 instance. */
  readonly checkedInterfaces: (signal: AbortSignal) => Promise<readonly string[]>;
  /** Files that hold the token, besides the usual ones. */
  readonly tokenFiles: readonly string[];
}

const COMMAND_MS = 5000;
const IKE_PORTS = [500, 4500];

const ipsecVersion = async (commands: Commands): Promise<string | null> => {
  try {
    return (await commands.run("ipsec", ["--version"], COMMAND_MS)).output;
  } catch (thrown) {
    if (thrown instanceof SpacegateError && thrown.code === "COMMAND_MISSING") return null;
    throw thrown;
  }
};

const strongswanVersion = async (commands: Commands): Promise<string | null> => {
  const output = await ipsecVersion(commands);
  if (output === null) return null;
  const version = /strongSwan U?([\d.]+)/.exec(output)?.[1];
  if (version === undefined) throw new Unknown("`ipsec --version` does not name strongSwan.", "ipsec --version");
  return version;
};

const numberIn = async (reader: HostReader, path: string): Promise<number | undefined> => {
  const text = await reader.text(path);
  return text === undefined ? undefined : Number(text.trim());
};

const IPV4 = "/proc/sys/net/ipv4/conf";
const NETFILTER = "/proc/sys/net/netfilter";

/** The stricter of an interface's own mode and everybody's counts, by number. Source: Linux, ip-sysctl.rst, rp_filter. */
const reversePaths = async (reader: HostReader, { tunnels }: Outlook): Promise<FactValues["reversePaths"]> => {
  const all = (await numberIn(reader, `${IPV4}/all/rp_filter`)) ?? 0;
  const links = tunnels.flatMap(({ link }) => link ?? []);
  const found = await Promise.all(links.map(async (dev) => ({ dev, own: await numberIn(reader, `${IPV4}/${dev}/rp_filter`) })));
  return found.flatMap(({ dev, own }) => (own === undefined ? [] : [{ dev, mode: Math.max(all, own) }]));
};

const conntrack = async (reader: HostReader): Promise<FactValues["conntrack"]> => {
  const [count, max] = await Promise.all(
    ["nf_conntrack_count", "nf_conntrack_max"].map((name) => numberIn(reader, `${NETFILTER}/${name}`)),
  );
  return count === undefined || max === undefined ? null : { count, max };
};

const publicAddresses = ({ settings, addresses }: World, ec2: string | undefined): PublicAddress[] => {
  const own = addresses().filter(isPublicAddress);
  return settings.connections.flatMap(({ space, name, local }): PublicAddress[] => {
    const ref = { space, name };
    if (local.public_address !== undefined) return [{ ref, addresses: [local.public_address], from: "local.public_address" }];
    if (ec2 !== undefined) return [{ ref, addresses: [ec2], from: "EC2's metadata" }];
    return own.length > 0 ? [{ ref, addresses: own, from: "this host's interfaces" }] : [];
  });
};

const pathsIn = ({ settings, addresses }: World, { tunnels, sas }: Outlook): TunnelPath[] =>
  tunnelPaths({ settings, tunnels, sas, addresses: addresses() });

type Kernel = Pick<Gatherers, "modules" | "ipForward" | "reversePaths" | "conntrack" | "apparmor" | "routes">;

const kernelGatherers = ({ reader, commands, hasModule }: World): Kernel => ({
  modules: async () => {
    const [esp4, ip_vti] = await Promise.all([hasModule("esp4"), hasModule("ip_vti")]);
    return { esp4, ip_vti };
  },
  ipForward: async () => {
    const value = await numberIn(reader, "/proc/sys/net/ipv4/ip_forward");
    if (value === undefined) throw new Unknown("/proc/sys/net/ipv4/ip_forward cannot be read.");
    return value === 1;
  },
  reversePaths: async (get) => reversePaths(reader, await get("outlook")),
  conntrack: () => conntrack(reader),
  apparmor: async () => {
    const profiles = await gatherAppArmor(reader);
    if (profiles) return profiles;
    throw new Unknown("This kernel has none.");
  },
  routes: async () => {
    const { output } = await commands.run("ip", ["-json", "-4", "route", "show", "table", "main"], COMMAND_MS);
    return parseMainRoutes(JSON.parse(output));
  },
});

/** Nothing can be sent from an address that this host does not have; another check tells that. */
const askable = ({ addresses }: World, { tunnels }: Outlook): Outlook["tunnels"] => {
  const own = addresses();
  return own.length === 0 ? tunnels : tunnels.filter(({ local }) => own.includes(local));
};

type Way = Pick<Gatherers, "udpAnswers" | "pathMtus" | "tcpMss" | "clock" | "publicAddresses" | "ec2" | "checkedInterfaces">;

const wayGatherers = (world: World): Way => ({
  udpAnswers: async (get, signal) => gatherUdpAnswers(askable(world, await get("outlook")), world.askIke, signal),
  pathMtus: async (get, signal) => gatherPathMtus(world.commands, pathsIn(world, await get("outlook")), signal),
  tcpMss: async (get, signal) => gatherTcpMss(world.commands, pathsIn(world, await get("outlook")), signal),
  clock: (_get, signal) => world.clock(signal),
  publicAddresses: async (get) => {
    const ec2 = await get("ec2").catch(() => null);
    return publicAddresses(world, ec2?.publicAddress);
  },
  ec2: async (_get, signal) => (await world.ec2(signal)) ?? null,
  // Without credentials, permission or an answer a person still can look.
  checkedInterfaces: async (get, signal) => ((await get("ec2")) ? world.checkedInterfaces(signal).catch(() => null) : null),
});

/** How each fact is found on a host. */
export const hostGatherers = (world: World): Gatherers => ({
  settings: async () => world.settings,
  sources: () => world.sources(),
  outlook: async (get) => world.outlook(await get("publicAddresses")),
  agent: () => world.agent(),
  strongswan: () => strongswanVersion(world.commands),
  charon: () => world.charon(),
  ports: () => gatherPorts(world.reader, IKE_PORTS),
  addresses: async () => {
    const own = world.addresses();
    if (own.length > 0) return own;
    throw new Unknown("This host has no address.", "ip address");
  },
  secretFiles: () => gatherSecretFiles(world.reader, world.settings, world.tokenFiles),
  ...kernelGatherers(world),
  ...wayGatherers(world),
});
