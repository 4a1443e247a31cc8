import { describe, expect, it } from "vitest";
import { parseMainRoutes, wayBackTo } from "../../agent/check/routes.ts";

const LAN = { dst: "172.16.0.0/16", dev: "lan0" };
const TUNNEL = { dst: "172.16.0.0/12", dev: "sgvti16384" };
const PUBLIC_DEFAULT = { dst: "0.0.0.0/0", dev: "wan0", gateway: "203.0.113.1" };
const CLOUD_DEFAULT = { dst: "0.0.0.0/0", dev: "ens5", gateway: "172.31.16.1" };

const kindOf = (...routes: Parameters<typeof wayBackTo>[1]): string =>
  wayBackTo("172.16.0.0/16", routes, new Set(["sgvti16384"])).kind;

it("reads what `ip -json route show` prints, without routes that lead nowhere", () => {
  const answer = [
    { dst: "default", gateway: "203.0.113.1", dev: "wan0", flags: [] },
    { dst: "172.16.0.0/24", dev: "lan0", protocol: "kernel", scope: "link", prefsrc: "172.16.0.2", flags: [] },
    { dst: "172.16.9.9", dev: "lan0", flags: [] },
    { type: "unreachable", dst: "10.0.0.0/16", metric: 20000, flags: [] },
  ];
  expect(parseMainRoutes(answer)).toEqual([
    PUBLIC_DEFAULT,
    { dst: "172.16.0.0/24", dev: "lan0" },
    { dst: "172.16.9.9/32", dev: "lan0" },
  ]);
});

it("reads nothing from what is no list", () => {
  expect(parseMainRoutes({})).toEqual([]);
});

describe("wayBackTo", () => {
  it("takes a route to the network, to more than it, or to a part of it", () => {
    expect(kindOf(LAN)).toBe("route");
    expect(kindOf({ dst: "172.16.0.0/12", dev: "lan0" })).toBe("route");
    expect(kindOf({ dst: "172.16.4.0/24", dev: "lan0" })).toBe("route");
  });

  it("does not take a tunnel for the way back", () => {
    expect(kindOf(TUNNEL)).toBe("none");
  });

  it("takes a default route within a private network, but not one to the internet", () => {
    expect(kindOf(CLOUD_DEFAULT)).toBe("default");
    expect(kindOf(PUBLIC_DEFAULT)).toBe("none");
    expect(kindOf(CLOUD_DEFAULT, LAN)).toBe("route");
  });

  it("has no way to somewhere else", () => {
    expect(kindOf({ dst: "192.168.0.0/16", dev: "lan0" })).toBe("none");
  });
});
