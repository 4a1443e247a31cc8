import { describe, expect, it } from "vitest";
import type { Route, VtiLink } from "../../agent/model/desired.ts";
import type { ObservedNetwork } from "../../agent/model/observed.ts";
import { type Kept, networkSteps } from "../../agent/plan/network-steps.ts";
import { freshHost, matchingHost, sample, tunnelOf } from "../sample.ts";
import { lines } from "./step-lines.ts";

const own = sample();
const { desired } = own;
const { network } = matchingHost(own);
const [one, two] = [tunnelOf(own, 1), tunnelOf(own, 2)];
const link1 = one.link ?? "";
const link2 = two.link ?? "";

const NOTHING: Kept = { conns: new Set(), links: new Set(), tables: new Set() };

const stepLines = (changes: Partial<ObservedNetwork>, kept: Partial<Kept> = {}, waiting: readonly string[] = []): string[] =>
  lines(networkSteps(desired, { ...network, ...changes }, { ...NOTHING, ...kept }, new Set(waiting)));

const withLink = (changes: Partial<VtiLink>): VtiLink[] =>
  network.links.map((link) => (link.name === link1 ? { ...link, ...changes } : link));

const without = <T>(items: readonly T[], isGone: (item: T) => boolean): T[] => items.filter((item) => !isGone(item));

describe("a host on which everything is right", () => {
  it("needs nothing", () => {
    expect(stepLines({})).toEqual([]);
  });
});

describe("a host that the agent has never seen", () => {
  it("gets links, settings, routes and rules, in the order in which they need each other", () => {
    const kinds = networkSteps(desired, freshHost().network, NOTHING).map(({ kind }) => kind);
    expect(kinds).toEqual([
      ...Array(2).fill("add-link"),
      ...Array(4).fill("set-sysctl"),
      ...Array(6).fill("replace-route"),
      ...Array(2).fill("add-rule"),
    ]);
  });
});

describe("each difference", () => {
  const carrier = (route: Route): boolean => route.metric === 50;

  it.each<{ title: string; given: Partial<ObservedNetwork>; expected: string[] }>([
    {
      title: "a missing link",
      given: { links: without(network.links, ({ name }) => name === link1) },
      expected: [`add the VTI link ${link1} to 34.203.187.158`],
    },
    {
      title: "a link to another address",
      given: { links: withLink({ remote: "34.9.9.9" }) },
      expected: [`change the VTI link ${link1} to 34.203.187.158`],
    },
    {
      title: "a link from another address",
      given: { links: withLink({ local: "172.16.0.9" }) },
      expected: [`change the VTI link ${link1} to 34.203.187.158`],
    },
    {
      title: "a link with another key",
      given: { links: withLink({ key: 7 }) },
      expected: [`change the VTI link ${link1} to 34.203.187.158`],
    },
    {
      title: "a link with another MTU",
      given: { links: withLink({ mtu: 1480 }) },
      expected: [`change the VTI link ${link1} to 34.203.187.158`],
    },
    {
      title: "a link that is not up",
      given: { linksDown: [link2] },
      expected: [`change the VTI link ${link2} to 34.227.70.143`],
    },
    {
      title: "a setting with another value",
      given: { sysctls: { ...network.sysctls, [`net/ipv4/conf/${link1}/rp_filter`]: "1" } },
      expected: [`set net/ipv4/conf/${link1}/rp_filter to 2`],
    },
    {
      title: "a missing route",
      given: { routes: without(network.routes, carrier) },
      expected: [`set the route 10.0.0.0/16 through ${link1}, table 254, metric 50`],
    },
    {
      title: "a carrier route through the other link",
      given: { routes: network.routes.map((route) => (carrier(route) ? { ...route, dev: link2 } : route)) },
      expected: [`set the route 10.0.0.0/16 through ${link1}, table 254, metric 50`],
    },
    {
      title: "a route with another source",
      given: { routes: network.routes.map((route) => (carrier(route) ? { ...route, src: "172.16.0.9" } : route)) },
      expected: [`set the route 10.0.0.0/16 through ${link1}, table 254, metric 50`],
    },
    {
      title: "a missing last resort",
      given: { routes: without(network.routes, ({ dev }) => dev === undefined) },
      expected: ["set the route 10.0.0.0/16 unreachable, table 254, metric 20000"],
    },
    {
      title: "a missing rule",
      given: { rules: without(network.rules, ({ table }) => table === one.probeMark) },
      expected: [`add the rule for mark ${one.probeMark}`],
    },
  ])("$title is exactly one step", ({ given, expected }) => {
    expect(stepLines(given)).toEqual(expected);
  });
});

describe("what is left over", () => {
  const link: VtiLink = { name: "sgvti20000", local: "172.16.0.2", remote: "34.5.5.5", key: 20_000, mtu: 1419 };
  const routes: Route[] = [
    { table: 254, dst: "10.9.0.0/16", dev: link.name, metric: 50 },
    { table: 254, dst: "10.9.0.0/16", metric: 20_000 },
    { table: 85_536, dst: "10.9.0.0/16", dev: link.name, metric: 0 },
  ];
  const leftover = {
    links: [...network.links, link],
    routes: [...network.routes, ...routes],
    rules: [...network.rules, { kind: "mark" as const, mark: 85_536, table: 85_536 }],
  };

  it("is deleted: routes and rules before the link", () => {
    expect(stepLines(leftover)).toEqual([
      "delete the route 10.9.0.0/16 through sgvti20000, table 254, metric 50",
      "delete the route 10.9.0.0/16 unreachable, table 254, metric 20000",
      "delete the route 10.9.0.0/16 through sgvti20000, table 85536, metric 0",
      "delete the rule for mark 85536",
      "delete the VTI link sgvti20000",
    ]);
  });

  it("stays when its connection is only not known now, the unreachable route with it", () => {
    expect(stepLines(leftover, { links: new Set([link.name]), tables: new Set([85_536]) })).toEqual([]);
  });

  it.each(["vti0", "vti1", "sgvti-backup", "sgvti1", "ip_vti0"])("is not what somebody else made: %s", (name) => {
    expect(stepLines({ links: [...network.links, { ...link, name }] })).toEqual([]);
  });
});

describe("a connection that is kept and claims the same block", () => {
  it("does not lose its routes to the one that is planned", () => {
    const kept = network.routes.map((route) =>
      route.table === 254 && route.metric === 50 ? { ...route, dev: "sgvti20000" } : route,
    );
    const steps = stepLines({ routes: kept }, { links: new Set(["sgvti20000"]) });
    expect(steps).toEqual([]);
  });
});

describe("a link whose tunnel waits for its turn", () => {
  it("is not turned to the new address under the old SAs", () => {
    expect(stepLines({ links: withLink({ remote: "34.9.9.9" }) }, {}, [link1])).toEqual([]);
  });

  it("is set up all the same when it is down", () => {
    expect(stepLines({ linksDown: [link1] }, {}, [link1])).toHaveLength(1);
  });
});

describe("with policy routing", () => {
  it("everything that vti needed goes", () => {
    const policy = { ...desired, links: [], routes: [], rules: [], sysctls: [] };
    const kinds = networkSteps(policy, network, NOTHING).map(({ kind }) => kind);
    expect(kinds).toEqual([...Array(6).fill("delete-route"), ...Array(2).fill("delete-rule"), ...Array(2).fill("delete-link")]);
  });
});
