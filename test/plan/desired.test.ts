import { describe, expect, it } from "vitest";
import { Secret } from "../../agent/lib/secret.ts";
import { isCarrierRoute } from "../../agent/plan/desired.ts";
import {
  entriesFor,
  numberedConnection,
  type SampleOptions,
  sample,
  sampleConnection,
  sampleEntry,
  sampleFacts,
  sampleSettings,
  sampleTunnel,
  tunnelOf,
} from "../sample.ts";

const withEntry = (changes: object, more: Omit<SampleOptions, "settings"> = {}) =>
  sample({ settings: sampleSettings([sampleEntry(changes)]), ...more });

describe("a connection with vti", () => {
  const { desired } = sample();
  const [first, second] = [tunnelOf({ desired }, 1), tunnelOf({ desired }, 2)];

  it("has two tunnels with the documented values", () => {
    expect(first).toMatchObject({
      conn: "spacegate.acme-space.office.1",
      routing: "vti",
      local: "172.16.0.2",
      remote: "34.203.187.158",
      ikeVersion: 1,
      localTs: "172.16.0.0/16",
      remoteTs: "10.0.0.0/16",
      ikeProposal: "aes256-sha256-modp2048",
      espProposal: "aes256-sha256-modp2048",
      ikeLifetimeS: 28_800,
      childLifetimeS: 3600,
      dpdDelayS: 10,
      dpdTimeoutS: 30,
    });
    expect(second).toMatchObject({ conn: "spacegate.acme-space.office.2", remote: "34.227.70.143" });
    expect(first.psk.reveal()).toBe("abcdef12345");
    expect(second.psk.reveal()).toBe("123456abcdef");
  });

  it("has a link each, whose key is the tunnel's mark, with AWS's MTU", () => {
    expect(desired.links).toEqual(
      [first, second].map(({ link, local, remote, mark }) => ({ name: link, local, remote, key: mark, mtu: 1419 })),
    );
  });

  it("has a route each, the carrier's before them, and behind them one that lets nothing out in clear", () => {
    const main = desired.routes.filter(({ table }) => table === 254);
    expect(main).toEqual([
      { table: 254, dst: "10.0.0.0/16", dev: first.link, src: "172.16.0.2", metric: 50 },
      { table: 254, dst: "10.0.0.0/16", dev: first.link, src: "172.16.0.2", metric: 101 },
      { table: 254, dst: "10.0.0.0/16", dev: second.link, src: "172.16.0.2", metric: 102 },
      { table: 254, dst: "10.0.0.0/16", metric: 20_000 },
    ]);
  });

  it("has a table and a rule for each tunnel's probes", () => {
    expect(desired.rules).toEqual([first, second].map(({ probeMark }) => ({ kind: "mark", mark: probeMark, table: probeMark })));
    expect(desired.routes.filter(({ table }) => table !== 254)).toEqual(
      [first, second].map(({ probeMark, link }) => ({
        table: probeMark,
        dst: "10.0.0.0/16",
        dev: link,
        src: "172.16.0.2",
        metric: 0,
      })),
    );
  });

  it("sends TCP probes by their local port, because Node cannot set a mark", () => {
    const probe = { target: "10.0.0.10", protocol: "tcp", port: 443 };
    expect(withEntry({ probe }).desired.rules).toEqual(
      [first, second].map(({ mark, probeMark }) => ({ kind: "tcp-port", port: mark, table: probeMark })),
    );
  });

  it("takes decrypted packets as they come, also on another tunnel than they left by", () => {
    expect(desired.sysctls.filter(({ host }) => !host)).toEqual(
      [first, second].flatMap(({ link }) => [
        { key: `net/ipv4/conf/${link}/disable_policy`, value: "1" },
        { key: `net/ipv4/conf/${link}/rp_filter`, value: "2" },
      ]),
    );
  });

  it("lets the kernel choose the source when this host has no address in a local subnet", () => {
    const { desired: without } = sample({ facts: sampleFacts({ addresses: ["203.0.113.10"] }) });
    expect(without.routes.some((route) => "src" in route)).toBe(false);
  });
});

describe("a connection with policy routing", () => {
  it("has tunnels and nothing else: no marks, links, routes, rules or sysctls", () => {
    const { desired } = withEntry({ routing: "policy" });
    expect(desired).toMatchObject({ links: [], routes: [], rules: [] });
    expect(desired.sysctls.filter(({ host }) => !host)).toEqual([]);
    expect(desired.tunnels).toHaveLength(2);
    for (const tunnel of desired.tunnels) expect(Object.keys(tunnel)).not.toEqual(expect.arrayContaining(["mark"]));
  });
});

describe("routing: auto", () => {
  it.each([
    { vti: true, routing: "vti" },
    { vti: false, routing: "policy" },
  ])("is $routing on a kernel with vti: $vti", ({ vti, routing }) => {
    expect(tunnelOf(sample({ facts: sampleFacts({ vti }) }), 1).routing).toBe(routing);
  });

  it("gives way to what is asked for", () => {
    expect(tunnelOf(withEntry({ routing: "vti" }, { facts: sampleFacts({ vti: false }) }), 1).routing).toBe("vti");
    expect(tunnelOf(withEntry({ routing: "policy" }), 1).routing).toBe("policy");
  });
});

describe("local.address: auto", () => {
  const auto = { local: { address: "auto", subnets: ["172.16.0.0/16"] } };

  it("is, for each tunnel, the address that its route uses", () => {
    const sourceAddress = { "34.203.187.158": "172.16.0.2", "34.227.70.143": "172.16.9.9" };
    const own = withEntry(auto, { facts: sampleFacts({ sourceAddress }) });
    expect([tunnelOf(own, 1).local, tunnelOf(own, 2).local]).toEqual(["172.16.0.2", "172.16.9.9"]);
  });

  it("is refused where one of the two has no route", () => {
    const { result } = withEntry(auto, { facts: sampleFacts({ sourceAddress: { "34.203.187.158": "172.16.0.2" } }) });
    expect(result.missing).toEqual(["acme-space/office"]);
    expect(result.problems).toMatchObject([{ field: "local.address", value: "auto", severity: "error" }]);
    expect(result.problems[0]?.fix).toContain("Set local.address");
  });

  it("is not asked for where an address is written", () => {
    expect(tunnelOf(sample({ facts: sampleFacts({ sourceAddress: {} }) }), 1).local).toBe("172.16.0.2");
  });
});

describe("several local subnets", () => {
  const subnets = ["172.16.0.0/16", "192.168.8.0/24"];
  const several = (routing: string) =>
    withEntry(
      { routing, local: { address: "172.16.0.2", subnets } },
      { connections: [sampleConnection({ routableCidrs: subnets })] },
    );

  it("share one wide pair of traffic selectors with vti, and the routes do the rest", () => {
    const own = several("vti");
    expect(tunnelOf(own, 1)).toMatchObject({ localTs: "0.0.0.0/0", remoteTs: "0.0.0.0/0" });
    expect(own.desired.routes.every(({ dst }) => dst === "10.0.0.0/16")).toBe(true);
  });

  it("are refused with policy, which carries one pair", () => {
    const { result } = several("policy");
    expect(result.desired.tunnels).toEqual([]);
    expect(result.missing).toEqual(["acme-space/office"]);
    expect(result.problems).toMatchObject([
      { field: "local.subnets", value: "172.16.0.0/16, 192.168.8.0/24", severity: "error" },
    ]);
    expect(result.problems[0]?.fix).toContain("routing: vti");
  });
});

describe("the carrier", () => {
  const on = (carrier: 1 | 2) => sample({ carriers: { "acme-space/office": carrier } });

  it("decides one route and nothing else", () => {
    const [one, two] = [on(1).desired, on(2).desired];
    expect(two.routes.filter((route) => !isCarrierRoute(route))).toEqual(one.routes.filter((route) => !isCarrierRoute(route)));
    expect({ ...two, routes: [] }).toEqual({ ...one, routes: [] });
    expect(one.routes.filter(isCarrierRoute)).toMatchObject([{ dev: tunnelOf({ desired: one }, 1).link, metric: 50 }]);
    expect(two.routes.filter(isCarrierRoute)).toMatchObject([{ dev: tunnelOf({ desired: two }, 2).link, metric: 50 }]);
  });

  it("is tunnel 1 until somebody decides", () => {
    expect(sample().desired).toEqual(on(1).desired);
  });
});

describe("several connections", () => {
  const connections = [3, 1, 2].map(numberedConnection);
  const settings = sampleSettings(entriesFor(connections));

  it("are sorted, so that equal inputs compare equal", () => {
    const one = sample({ settings, connections });
    const other = sample({
      settings: sampleSettings(entriesFor(connections.toReversed())),
      connections: connections.toReversed(),
    });
    expect(other.desired).toEqual(one.desired);
    const names = one.desired.tunnels.map(({ conn }) => conn);
    expect(names).toEqual([...names].sort());
  });

  it("leave each other's links, marks and routes alone when one comes or goes", () => {
    const all = sample({ settings, connections }).desired;
    const rest = connections.slice(1);
    const fewer = sample({ settings: sampleSettings(entriesFor(rest)), connections: rest }).desired;
    for (const part of ["tunnels", "links", "routes", "rules", "sysctls"] as const)
      expect(all[part]).toEqual(expect.arrayContaining([...fewer[part]]));
  });
});

describe("a connection that cannot be planned", () => {
  const good = numberedConnection(1);
  const two = sampleSettings([sampleEntry(), ...entriesFor([good])]);

  it.each([
    { title: "without details", connections: [good] },
    { title: "refused", connections: [sampleConnection({ spaceCidr: "8.8.0.0/16" }), good] },
    {
      title: "with one tunnel, which Heroku is still making",
      connections: [sampleConnection({ tunnels: [sampleTunnel(1)] }), good],
    },
    { title: "without tunnels", connections: [sampleConnection({ tunnels: [] }), good] },
    {
      title: "with a PSK that has a line break",
      connections: [sampleConnection({ tunnels: [sampleTunnel(1, { psk: new Secret("a\nb") }), sampleTunnel(2)] }), good],
    },
  ])("$title is left out and named; the others go on", ({ connections }) => {
    const { result } = sample({ settings: two, connections });
    expect(result.missing).toEqual(["acme-space/office"]);
    expect(result.desired.tunnels.map(({ conn }) => conn)).toEqual(["spacegate.space-1.office.1", "spacegate.space-1.office.2"]);
  });

  it("of two that claim one block is the later one", () => {
    const rival = { ...good, spaceCidr: "10.0.0.0/16" };
    expect(sample({ settings: two, connections: [rival, sampleConnection()] }).result.missing).toEqual(["space-1/office"]);
  });

  it("does not include one with a mere warning", () => {
    const [entry] = [sampleEntry({ local: { address: "172.16.0.2", public_address: "52.1.1.1", subnets: ["172.16.0.0/16"] } })];
    const { result } = sample({ settings: sampleSettings([entry]) });
    expect(result.missing).toEqual([]);
    expect(result.problems.map(({ severity }) => severity)).toEqual(["warning", "warning"]);
  });

  it("does not come from details of a connection that nobody configured", () => {
    const { result } = sample({ connections: [sampleConnection(), good] });
    expect(result.desired.tunnels).toHaveLength(2);
    expect(result.problems).toEqual([]);
  });
});
