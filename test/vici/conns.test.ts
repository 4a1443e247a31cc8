import { describe, expect, it } from "vitest";
import { parseConns } from "../../agent/vici/conns.ts";
import { eventsOf } from "./golden.ts";

describe("parseConns", () => {
  it("reads what a real charon holds of ipsec.conf", () => {
    const conns = eventsOf("list-conns", "list-conn").flatMap(parseConns);
    expect(conns.map((conn) => conn.name)).toEqual(["vpn1", "vpn2"]);
    expect(conns[0]).toEqual({
      name: "vpn1",
      localAddrs: ["203.0.113.10"],
      remoteAddrs: ["34.203.187.158"],
      version: 1,
      localId: "203.0.113.10",
      remoteId: "34.203.187.158",
      dpdDelayS: 10,
      dpdTimeoutS: 30,
      rekeyS: 0,
      reauthS: 28_260,
      children: new Map([
        [
          "vpn1",
          {
            mode: "TUNNEL",
            localTs: ["172.16.0.0/16"],
            remoteTs: ["10.0.0.0/16"],
            dpdAction: "start",
            closeAction: "none",
            rekeyS: 3060,
          },
        ],
      ]),
    });
  });

  it.each([
    ["IKEv1", 1],
    ["IKEv2", 2],
    ["IKEv1/2", undefined],
  ])("reads version %s", (version, expected) => {
    expect(parseConns({ vpn1: { version } })[0]?.version).toBe(expected);
  });

  it("bears a conn of which nothing is known", () => {
    expect(parseConns({ vpn1: { children: { a: {} } } })).toMatchObject([
      { name: "vpn1", localAddrs: [], remoteAddrs: [], children: new Map([["a", { mode: "", localTs: [], remoteTs: [] }]]) },
    ]);
  });

  it("keeps a child that is called __proto__ apart from the rest", () => {
    const children = JSON.parse('{"__proto__": {"mode": "TUNNEL"}}');
    expect([...(parseConns({ vpn1: { children } })[0]?.children.keys() ?? [])]).toEqual(["__proto__"]);
  });
});
