import { describe, expect, it } from "vitest";
import type { DesiredFirewall } from "../../agent/model/firewall.ts";
import type { Observed, ObservedIke } from "../../agent/model/observed.ts";
import { desireFirewall } from "../../agent/plan/firewall.ts";
import {
  childUp,
  DOCUMENTED,
  FIREWALL,
  freshHost,
  ikeUp,
  loadedConn,
  matchingHost,
  runningCharon,
  type Sample,
  type SampleOptions,
  sample,
  sampleConnection,
  sampleEntry,
  sampleSettings,
  sampleTunnel,
  tunnelOf,
} from "../sample.ts";

const NEW = "34.203.187.200";
const STRANGER = "198.51.100.66";
const POLICY = sampleSettings([sampleEntry({ routing: "policy" })]);

const firewallOf = (own: Sample, observed: Observed, connections = [sampleConnection()]): DesiredFirewall =>
  desireFirewall({ settings: own.settings, connections, result: own.result, observed });

const withCharon = (own: Sample, changes: Parameters<typeof runningCharon>[1]): Observed => ({
  ...matchingHost(own),
  charon: runningCharon(own.desired, changes),
});

const moved = (): SampleOptions => ({
  connections: [sampleConnection({ tunnels: [sampleTunnel(1, { ip: NEW }), sampleTunnel(2)] })],
});

describe("who may send IKE and ESP", () => {
  it("is both VPN gateways and nobody else", () => {
    const own = sample({ settings: POLICY });
    expect(firewallOf(own, matchingHost(own))).toEqual({ ...FIREWALL, policy: true });
  });

  it("is a new address at once, and the old one until its SAs and its conn are gone", () => {
    const [before, own] = [sample(), sample({ ...moved() })];
    const [old] = DOCUMENTED.remotes;
    expect(firewallOf(own, matchingHost(before)).peers).toEqual(expect.arrayContaining([old, NEW]));
    const stillUp = withCharon(own, { sas: [ikeUp(tunnelOf(before, 1))] });
    expect(firewallOf(own, stillUp).peers).toContain(old);
    expect(firewallOf(own, matchingHost(own)).peers).not.toContain(old);
  });

  it("is also whoever the owner's own conns are for", () => {
    const own = sample();
    const conns = [loadedConn(tunnelOf(own, 1)), loadedConn(tunnelOf(own, 1), { name: "branch", remoteAddrs: [STRANGER] })];
    expect(firewallOf(own, withCharon(own, { conns }))).toMatchObject({ peers: expect.arrayContaining([STRANGER]), open: false });
  });

  it.each([["%any"], ["vpn.example.com"], ["2001:db8::1"]])("is anybody while the owner has a conn for %s", (remote) => {
    const own = sample();
    const conns = [loadedConn(tunnelOf(own, 1), { name: "road-warriors", remoteAddrs: [remote] })];
    expect(firewallOf(own, withCharon(own, { conns })).open).toBe(true);
  });

  it("is anybody in include mode while charon's conns cannot be seen", () => {
    const include = sample({ settings: sampleSettings(undefined, { install: { mode: "include" } }) });
    expect(firewallOf(include, withCharon(include, { via: "statusall", conns: [] })).open).toBe(true);
    expect(firewallOf(sample(), withCharon(sample(), { via: "statusall", conns: [] })).open).toBe(false);
  });

  it("is nobody who has merely begun an SA of his own", () => {
    const own = sample();
    const from = (state: string): ObservedIke => ({
      ...ikeUp(tunnelOf(own, 1)),
      name: "",
      state,
      remoteHost: STRANGER,
      childSas: [],
    });
    expect(firewallOf(own, withCharon(own, { sas: [from("CONNECTING")] })).peers).not.toContain(STRANGER);
    expect(firewallOf(own, withCharon(own, { sas: [from("ESTABLISHED")] })).peers).toContain(STRANGER);
  });

  it("stays who it was while charon is away: nobody knows what it will hold when it comes back", () => {
    const own = sample();
    const firewallMemory = { text: "", listing: "", peers: [STRANGER], open: true, encapsulated: [] };
    const away = { ...matchingHost(own), charon: { kind: "absent", why: "it restarts" } as const, firewallMemory };
    expect(firewallOf(own, away)).toMatchObject({ peers: expect.arrayContaining([STRANGER]), open: true });
  });
});

describe("what is forwarded", () => {
  it("is each local subnet with its space; of subnets that contain each other the wider one", () => {
    const subnets = ["172.16.0.0/24", "172.16.0.0/20", "192.168.0.0/24"];
    const settings = sampleSettings([sampleEntry({ local: { address: DOCUMENTED.local, subnets } })]);
    const connections = [sampleConnection({ routableCidrs: ["172.16.0.0/16", "192.168.0.0/16"] })];
    const own = sample({ settings, connections });
    const pairs = firewallOf(own, matchingHost(own), connections).pairs.map(({ local, space }) => `${local} ${space}`);
    expect(pairs).toEqual(["172.16.0.0/20 10.0.0.0/16", "192.168.0.0/24 10.0.0.0/16"]);
  });

  it("takes the agent's own links, present and to come, and not the owner's", () => {
    const own = sample();
    const [link] = own.desired.links;
    if (!link) throw new Error("the sample has no link");
    const { network, ...rest } = matchingHost(own);
    const links = [link, { ...link, name: "sgvti16000" }, { ...link, name: "vti-owners" }];
    const found = firewallOf(own, { ...rest, network: { ...network, links } }).links;
    expect(found).toEqual([...own.desired.links.map(({ name }) => name), "sgvti16000"].sort());
  });

  it.each([
    ["any", false],
    ["connections", true],
  ] as const)("with forward: %s restricts: %s", (forward, restrict) => {
    const own = sample({ settings: sampleSettings(undefined, { firewall: { forward } }) });
    expect(firewallOf(own, matchingHost(own)).restrict).toBe(restrict);
  });
});

describe("a connection whose details are not known now", () => {
  const other = sampleConnection({
    space: "other-space",
    spaceCidr: "10.9.0.0/16",
    tunnels: [sampleTunnel(1, { ip: "34.1.1.1" }), sampleTunnel(2, { ip: "34.1.1.2" })],
  });
  const settings = sampleSettings([sampleEntry({ routing: "policy" }), sampleEntry({ space: "other-space", routing: "policy" })]);
  const both = sample({ settings, connections: [sampleConnection(), other] });
  const half = sample({ settings, connections: [sampleConnection()] });

  it("keeps its VPN gateways and its pair of networks for as long as its tunnel stands", () => {
    const found = firewallOf(half, matchingHost(both));
    expect(found.peers).toEqual(expect.arrayContaining(["34.1.1.1", "34.1.1.2"]));
    expect(found.pairs.map(({ space }) => space)).toEqual(["10.0.0.0/16", "10.9.0.0/16"]);
  });

  it("has nothing to keep where nothing of it stands", () => {
    const found = firewallOf(half, matchingHost(half));
    expect(found.peers).toEqual(FIREWALL.peers);
    expect(found.pairs.map(({ space }) => space)).toEqual(["10.0.0.0/16"]);
  });

  it("claims nothing that a known connection has: wide selectors name no network at all", () => {
    const tunnel = tunnelOf({ desired: both.desired }, 1);
    const name = "spacegate.other-space.office.1";
    const sas = [{ ...ikeUp(tunnel), name, childSas: [childUp(tunnel, { name, remoteTs: ["10.0.0.0/8", "0.0.0.0/0"] })] }];
    expect(firewallOf(half, withCharon(half, { sas })).pairs.map(({ space }) => space)).toEqual(["10.0.0.0/16"]);
  });
});

describe("how large a TCP segment may be", () => {
  const mss = (connection: Parameters<typeof sampleConnection>[0], observed?: (own: Sample) => Observed): number | undefined => {
    const connections = [sampleConnection(connection)];
    const own = sample({ settings: POLICY, connections });
    return firewallOf(own, observed ? observed(own) : freshHost(), connections).pairs[0]?.mss;
  };
  const straight = {
    publicIp: DOCUMENTED.local,
    tunnels: [sampleTunnel(1, { customerIp: DOCUMENTED.local }), sampleTunnel(2, { customerIp: DOCUMENTED.local })],
  };

  it("reckons with a NAT where Heroku sees another address than this host has", () => {
    expect(mss({})).toBe(1382);
  });

  it("is the larger one where Heroku sees this host's own", () => {
    expect(mss(straight)).toBe(1398);
  });

  it("is the smaller one where Heroku says nothing of it", () => {
    const silent = [sampleTunnel(1, { customerIp: "" }), sampleTunnel(2, { customerIp: "" })];
    expect(mss({ publicIp: "", tunnels: silent })).toBe(1382);
  });

  it("is the smaller one from the moment on that ESP is seen in UDP, and stays so when the tunnel is down", () => {
    const encapsulated = (own: Sample): Observed => {
      const tunnel = tunnelOf(own, 1);
      return withCharon(own, { sas: [ikeUp(tunnel, { childSas: [childUp(tunnel, { encap: true })] })] });
    };
    expect(mss(straight, encapsulated)).toBe(1382);
    const firewallMemory = { text: "", listing: "", peers: [], open: false, encapsulated: ["acme-space/office"] };
    expect(mss(straight, (own) => ({ ...withCharon(own, { sas: [] }), firewallMemory }))).toBe(1382);
  });
});
