import { parseDuration } from "../lib/duration.ts";
import { addressWithin } from "../lib/ip.ts";
import { type Connection, connectionKey, type TunnelDetails } from "../model/connection.ts";
import type { Desired, DesiredTunnel, Route, Routing, Rule, Sysctl, VtiLink } from "../model/desired.ts";
import type { HostFacts } from "../model/observed.ts";
import type { ConnectionSettings, Settings } from "../model/settings.ts";
import { hostSysctls } from "./host-sysctls.ts";
import { assignSlots, connName, tunnelNumbers } from "./naming.ts";
import { type Problem, validateConnection, validateTogether } from "./validate.ts";

/** The MTU of AWS's own generated configuration: fits every cipher that these tunnels use, with and without NAT traversal. */
const VTI_MTU = 1419;
const MAIN_TABLE = 254;
const CARRIER_METRIC = 50;
const TUNNEL_METRIC = 100;
/** Behind every tunnel's route: without it packets for the space would leave in clear when all links are gone. */
const UNREACHABLE_METRIC = 20_000;

export interface DesiredResult {
  readonly desired: Desired;
  readonly problems: readonly Problem[];
  /** Configured connections that could not be planned, by key: without details, or refused. */
  readonly missing: readonly string[];
}

/** The carrier of each connection, by key; a connection without one uses tunnel 1. */
export type Carriers = Readonly<Record<string, 1 | 2>>;

const seconds = (duration: string): number => Math.round((parseDuration(duration) ?? 0) / 1000);

const routingOf = (settings: ConnectionSettings, facts: HostFacts): Routing => {
  if (settings.routing !== "auto") return settings.routing;
  return facts.vti ? "vti" : "policy";
};

/** One pair of traffic selectors a tunnel; several subnets share a wide pair, and the routes do the rest. */
const selectors = (settings: ConnectionSettings, connection: Connection): { localTs: string; remoteTs: string } => {
  const [only, ...more] = settings.local.subnets;
  return only && more.length === 0
    ? { localTs: only, remoteTs: connection.spaceCidr }
    : { localTs: "0.0.0.0/0", remoteTs: "0.0.0.0/0" };
};

const localAddress = (settings: ConnectionSettings, tunnel: TunnelDetails, facts: HostFacts): string | undefined =>
  settings.local.address === "auto" ? facts.sourceAddress[tunnel.ip] : settings.local.address;

const hostProblems = (connection: Connection, settings: ConnectionSettings, facts: HostFacts): Problem[] => {
  const problems: Problem[] = [];
  const base = { connection: connectionKey(connection), severity: "error" } as const;
  if (connection.tunnels.some((tunnel) => localAddress(settings, tunnel, facts) === undefined))
    problems.push({
      ...base,
      field: "local.address",
      value: "auto",
      message: "could not be found: this host has no route towards the VPN gateways",
      fix: "Set local.address to this gateway's own address, or add the missing route.",
    });
  if (routingOf(settings, facts) === "policy" && settings.local.subnets.length > 1)
    problems.push({
      ...base,
      field: "local.subnets",
      value: settings.local.subnets.join(", "),
      message: "are several, but a policy-based tunnel carries one pair of networks",
      fix: "Write one subnet that contains them all, or use routing: vti on a kernel that has it.",
    });
  return problems;
};

const toTunnel = (
  tunnel: TunnelDetails,
  connection: Connection,
  settings: ConnectionSettings,
  facts: HostFacts,
  slot: number,
): DesiredTunnel => {
  const routing = routingOf(settings, facts);
  return {
    conn: connName(connection, tunnel.index),
    ref: { space: connection.space, name: connection.name },
    index: tunnel.index,
    routing,
    local: localAddress(settings, tunnel, facts) ?? "",
    remote: tunnel.ip,
    ikeVersion: connection.ikeVersion,
    spaceCidr: connection.spaceCidr,
    ...selectors(settings, connection),
    psk: tunnel.psk,
    ikeProposal: settings.proposals.ike,
    espProposal: settings.proposals.esp,
    ikeLifetimeS: seconds(settings.lifetimes.ike),
    childLifetimeS: seconds(settings.lifetimes.child),
    dpdDelayS: seconds(settings.dpd.delay),
    dpdTimeoutS: seconds(settings.dpd.timeout),
    ...(routing === "vti" ? tunnelNumbers(slot, tunnel.index) : {}),
  };
};

type VtiTunnel = DesiredTunnel & Required<Pick<DesiredTunnel, "mark" | "link" | "probeMark">>;

const isVti = (tunnel: DesiredTunnel): tunnel is VtiTunnel => tunnel.routing === "vti";

const linkOf = (tunnel: VtiTunnel): VtiLink => ({
  name: tunnel.link,
  local: tunnel.local,
  remote: tunnel.remote,
  key: tunnel.mark,
  mtu: VTI_MTU,
});

const sysctlsOf = (tunnel: VtiTunnel): Sysctl[] => [
  { key: `net/ipv4/conf/${tunnel.link}/disable_policy`, value: "1" },
  { key: `net/ipv4/conf/${tunnel.link}/rp_filter`, value: "2" },
];

/** The gateway's own packets must come from within the traffic selectors: an address of its own in a local subnet. */
const sourceWithin = (settings: ConnectionSettings, facts: HostFacts): { src?: string } => {
  const src = addressWithin(facts.addresses, settings.local.subnets);
  return src ? { src } : {};
};

const routesOf = (tunnels: readonly VtiTunnel[], dst: string, src: { src?: string }, carrier: 1 | 2): Route[] => {
  const own = tunnels.flatMap((tunnel) => [
    { table: MAIN_TABLE, dst, dev: tunnel.link, ...src, metric: TUNNEL_METRIC + tunnel.index },
    { table: tunnel.probeMark, dst, dev: tunnel.link, ...src, metric: 0 },
  ]);
  const carrying = tunnels.find((tunnel) => tunnel.index === carrier);
  const flip = carrying ? [{ table: MAIN_TABLE, dst, dev: carrying.link, ...src, metric: CARRIER_METRIC }] : [];
  return [...flip, ...own, { table: MAIN_TABLE, dst, metric: UNREACHABLE_METRIC }];
};

/** Probes take one tunnel alone: ping by its mark, TCP by its local port, because Node cannot set a mark. */
const ruleOf = ({ mark, probeMark }: VtiTunnel, { probe }: ConnectionSettings): Rule =>
  probe?.protocol === "tcp"
    ? { kind: "tcp-port", port: mark, table: probeMark }
    : { kind: "mark", mark: probeMark, table: probeMark };

type Part = Omit<Desired, "installMode" | "firewall">;

const partOf = (connection: Connection, settings: ConnectionSettings, facts: HostFacts, slot: number, carrier: 1 | 2): Part => {
  const tunnels = connection.tunnels.map((tunnel) => toTunnel(tunnel, connection, settings, facts, slot));
  const vti = tunnels.filter(isVti);
  return {
    tunnels,
    links: vti.map(linkOf),
    routes: vti.length > 0 ? routesOf(vti, connection.spaceCidr, sourceWithin(settings, facts), carrier) : [],
    rules: vti.map((tunnel) => ruleOf(tunnel, settings)),
    sysctls: vti.flatMap(sysctlsOf),
  };
};

/** True for the route that decides which tunnel carries. */
export const isCarrierRoute = (route: Route): boolean => route.table === MAIN_TABLE && route.metric === CARRIER_METRIC;

const byText = <T>(items: readonly T[], text: (item: T) => string): T[] =>
  items
    .map((item) => ({ item, text: text(item) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ item }) => item);

const tunnelsOf = (parts: readonly Part[]): DesiredTunnel[] => parts.flatMap((part) => part.tunnels);

const gather = (parts: readonly Part[], settings: Settings, facts: HostFacts): Desired => ({
  installMode: settings.install.mode,
  firewall: settings.firewall.manage,
  tunnels: byText(tunnelsOf(parts), (tunnel) => tunnel.conn),
  links: byText(
    parts.flatMap((part) => part.links),
    (link) => link.name,
  ),
  routes: byText(
    parts.flatMap((part) => part.routes),
    (route) => `${route.dst} ${String(route.table).padStart(9)} ${String(route.metric).padStart(9)}`,
  ),
  rules: byText(
    parts.flatMap((part) => part.rules),
    (rule) => String(rule.table),
  ),
  sysctls: byText(
    parts.flatMap((part) => part.sysctls).concat(hostSysctls(settings, tunnelsOf(parts), facts)),
    (sysctl) => sysctl.key,
  ),
});

/**
 * Settings and connection details become everything the host should be. A connection whose details are missing or do
 * not fit is left out and named in `missing`; the others go on.
 */
export const desire = (
  settings: Settings,
  connections: readonly Connection[],
  facts: HostFacts,
  carriers: Carriers = {},
): DesiredResult => {
  const slots = assignSlots(settings.connections);
  const known = new Map(connections.map((connection) => [connectionKey(connection), connection]));
  const pairs = settings.connections.flatMap((own) => {
    const connection = known.get(connectionKey(own));
    // One tunnel alone is a connection that Heroku is still making: planning it would take the other one down.
    return connection?.tunnels.length === 2 ? [{ own, connection }] : [];
  });
  const problems = [
    ...validateTogether(pairs.map((pair) => pair.connection)),
    ...pairs.flatMap(({ own, connection }) => [
      ...validateConnection(connection, own, facts),
      ...hostProblems(connection, own, facts),
    ]),
  ];
  const refused = new Set(problems.flatMap((problem) => (problem.severity === "error" ? [problem.connection] : [])));
  const good = pairs.filter(({ connection }) => !refused.has(connectionKey(connection)));
  const parts = good.map(({ own, connection }) => {
    const key = connectionKey(connection);
    return partOf(connection, own, facts, slots.get(key) ?? 0, carriers[key] ?? 1);
  });
  const planned = new Set(good.map(({ connection }) => connectionKey(connection)));
  return {
    desired: gather(parts, settings, facts),
    problems,
    missing: settings.connections.map(connectionKey).filter((key) => !planned.has(key)),
  };
};
