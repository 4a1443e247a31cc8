import { type Cidr, cidrContains, cidrsOverlap, isIPv4, parseCidr } from "../lib/ip.ts";
import { type Connection, connectionKey, expectedAddresses } from "../model/connection.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import type { DesiredFirewall, ForwardedPair } from "../model/firewall.ts";
import type { Observed, ObservedIke } from "../model/observed.ts";
import type { ConnectionSettings, Settings } from "../model/settings.ts";
import type { DesiredResult } from "./desired.ts";
import { mssOf } from "./mss.ts";
import { assignSlots, isOwnConn, isOwnLink, tunnelNumbers, tunnelOf } from "./naming.ts";

export interface FirewallInput {
  readonly settings: Settings;
  readonly connections: readonly Connection[];
  readonly result: DesiredResult;
  readonly observed: Observed;
}

type Peers = Pick<DesiredFirewall, "peers" | "open">;

const ALL = "0.0.0.0/0";

const sorted = (texts: Iterable<string>): string[] => [...new Set(texts)].sort();

const isListed = (address: string): boolean => isIPv4(address) || parseCidr(address) !== undefined;

/** An SA that an outsider has merely begun must not let him in. */
const isTrusted = (ike: ObservedIke): boolean => isOwnConn(ike.name) || ike.state === "ESTABLISHED";

/** The VPN gateways; the owner's own conns, and the agent's older ones, keep their peers until charon has let go of them. */
const peersOf = ({ result, observed }: FirewallInput): Peers => {
  const { charon, firewallMemory: memory } = observed;
  const { installMode, tunnels } = result.desired;
  // What charon holds when it comes back is not known yet.
  if (charon.kind === "absent")
    return {
      peers: [...tunnels.map(({ remote }) => remote), ...(memory?.peers ?? [])],
      open: memory?.open ?? installMode === "include",
    };
  const wanted = new Set(tunnels.map(({ remote }) => remote));
  const others = (found: readonly string[]): string[] => found.filter((address) => !wanted.has(address));
  const addresses = others(charon.conns.flatMap((conn) => (conn.remoteAddrs.length > 0 ? conn.remoteAddrs : ["%any"])));
  const remotes = others(charon.sas.filter(isTrusted).map(({ remoteHost }) => remoteHost));
  return {
    peers: [...wanted, ...[...addresses, ...remotes].filter(isListed)],
    // Without VICI the owner's conns cannot be seen; in own mode ipsec.conf has none.
    open: addresses.some((address) => !isListed(address)) || (charon.via !== "vici" && installMode === "include"),
  };
};

const sasOf = ({ charon }: Observed): readonly ObservedIke[] => (charon.kind === "running" ? charon.sas : []);

/** Keys of connections whose ESP goes in UDP. Once seen it is remembered: a tunnel that is down must not make segments larger. */
const encapsulatedIn = (observed: Observed): string[] => {
  const now = sasOf(observed)
    .filter(({ name, childSas }) => isOwnConn(name) && childSas.some(({ encap }) => encap))
    .map(({ name }) => connectionKey(tunnelOf(name)));
  return sorted([...now, ...(observed.firewallMemory?.encapsulated ?? [])]);
};

/** Heroku sees another address than this host has, or nobody knows: then a NAT must be reckoned with. */
const mayBeNatted = (connection: Connection | undefined, tunnels: readonly DesiredTunnel[]): boolean => {
  const expected = new Set(connection ? expectedAddresses(connection).map(({ address }) => address) : []);
  return tunnels.some(({ local }) => !expected.has(local));
};

/** Without those that another one contains: blocks nest or are apart, and nftables takes no set whose elements overlap. */
const widest = (blocks: readonly string[]): readonly string[] => {
  if (blocks.length < 2) return blocks;
  const parsed = sorted(blocks).flatMap((text) => parseCidr(text) ?? []);
  const inner = (one: Cidr): boolean => parsed.some((other) => other !== one && cidrContains(other, one));
  return parsed.filter((one) => !inner(one)).map(({ text }) => text);
};

/** The space's block of a tunnel that stands although its connection cannot be planned now. */
const standingSpaces = (own: ConnectionSettings, slot: number, observed: Observed): string[] => {
  const key = connectionKey(own);
  const links = new Set(([1, 2] as const).map((index) => tunnelNumbers(slot, index).link));
  const selectors = sasOf(observed)
    .filter(({ name }) => isOwnConn(name) && connectionKey(tunnelOf(name)) === key)
    .flatMap(({ childSas }) => childSas.flatMap(({ remoteTs }) => remoteTs));
  const routes = observed.network.routes.filter(({ dev }) => dev !== undefined && links.has(dev)).map(({ dst }) => dst);
  return [...selectors, ...routes].filter((block) => block !== ALL);
};

interface Reach {
  readonly own: ConnectionSettings;
  readonly spaces: readonly string[];
  readonly mss: number;
}

const planned = ({ settings, connections, result }: FirewallInput, encapsulated: readonly string[]): Reach[] => {
  const known = new Map(connections.map((connection) => [connectionKey(connection), connection]));
  const tunnels = Map.groupBy(result.desired.tunnels, ({ ref }) => connectionKey(ref));
  return settings.connections.flatMap((own) => {
    const key = connectionKey(own);
    const [first, ...more] = tunnels.get(key) ?? [];
    if (!first) return [];
    const nat = encapsulated.includes(key) || mayBeNatted(known.get(key), [first, ...more]);
    return [{ own, spaces: [first.spaceCidr], mss: mssOf(own.proposals.esp, nat) }];
  });
};

/** What stands of connections that cannot be planned now goes on, as far as it meets nothing that can. */
const standing = ({ settings, result, observed }: FirewallInput, taken: readonly string[]): Reach[] => {
  if (result.missing.length === 0) return [];
  const slots = assignSlots(settings.connections);
  const missing = new Set(result.missing);
  const claimed = taken.flatMap((text) => parseCidr(text) ?? []);
  return settings.connections
    .filter((own) => missing.has(connectionKey(own)))
    .map((own) => {
      const found = widest(standingSpaces(own, slots.get(connectionKey(own)) ?? 0, observed)).flatMap(
        (text) => parseCidr(text) ?? [],
      );
      const free = found.filter((block) => !claimed.some((other) => cidrsOverlap(block, other)));
      claimed.push(...free);
      return { own, spaces: free.map(({ text }) => text), mss: mssOf(own.proposals.esp, true) };
    });
};

const pairsOf = (input: FirewallInput, encapsulated: readonly string[]): ForwardedPair[] => {
  const now = planned(input, encapsulated);
  const before = standing(
    input,
    now.flatMap(({ spaces }) => spaces),
  );
  return [...now, ...before].flatMap(({ own, spaces, mss }) =>
    widest(own.local.subnets).flatMap((local) => spaces.map((space) => ({ local, space, mss }))),
  );
};

/** The firewall that fits the connections in force and everything that still stands from before. */
export const desireFirewall = (input: FirewallInput): DesiredFirewall => {
  const { settings, result, observed } = input;
  const { peers, open } = peersOf(input);
  const encapsulated = encapsulatedIn(observed);
  return {
    peers: sorted(peers),
    open,
    pairs: pairsOf(input, encapsulated),
    links: sorted([...result.desired.links, ...observed.network.links].map(({ name }) => name).filter(isOwnLink)),
    policy: result.missing.length > 0 || result.desired.tunnels.some(({ routing }) => routing === "policy"),
    restrict: settings.firewall.forward === "connections",
    encapsulated,
  };
};
