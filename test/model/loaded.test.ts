import { describe, expect, it } from "vitest";
import { connDifference } from "../../agent/model/loaded.ts";
import type { ObservedConn } from "../../agent/model/observed.ts";
import { loadedConn, sample, tunnelOf } from "../sample.ts";

const tunnel = tunnelOf(sample(), 1);
const { localTs, remoteTs, conn } = tunnel;

const children = (local: readonly string[], remote: readonly string[]): ObservedConn["children"] =>
  new Map([[conn, { localTs: local, remoteTs: remote }]]);

describe("a conn that charon holds", () => {
  it("does not differ from what was rendered", () => {
    expect(connDifference(tunnel, loadedConn(tunnel))).toBe("");
  });

  it("may hold its addresses among others", () => {
    expect(connDifference(tunnel, loadedConn(tunnel, { localAddrs: ["0.0.0.0/0", tunnel.local] }))).toBe("");
  });

  it("may write a single address with or without its length", () => {
    const single = { ...tunnel, localTs: "172.16.0.2/32" };
    expect(connDifference(single, loadedConn(tunnel, { children: children(["172.16.0.2"], [remoteTs]) }))).toBe("");
  });

  it.each<{ title: string; given: ObservedConn | undefined; expected: RegExp }>([
    { title: "not at all", given: undefined, expected: /does not hold it/ },
    { title: "without its CHILD_SA", given: loadedConn(tunnel, { children: new Map() }), expected: /without its CHILD_SA/ },
    {
      title: "from another address",
      given: loadedConn(tunnel, { localAddrs: ["172.16.0.9"] }),
      expected: /local address 172\.16\.0\.9/,
    },
    {
      title: "to another address",
      given: loadedConn(tunnel, { remoteAddrs: ["34.9.9.9"] }),
      expected: /remote address 34\.9\.9\.9/,
    },
    { title: "with another IKE version", given: loadedConn(tunnel, { version: 2 }), expected: /as IKEv2/ },
    { title: "with both IKE versions", given: loadedConn(tunnel, { version: undefined }), expected: /as IKEv1\/2/ },
    {
      title: "with another local network",
      given: loadedConn(tunnel, { children: children(["10.9.0.0/16"], [remoteTs]) }),
      expected: /local traffic selector 10\.9/,
    },
    {
      title: "with two local networks",
      given: loadedConn(tunnel, { children: children([localTs, localTs], [remoteTs]) }),
      expected: /local traffic selector/,
    },
    {
      title: "with another remote network",
      given: loadedConn(tunnel, { children: children([localTs], ["10.9.0.0/16"]) }),
      expected: /remote traffic selector 10\.9/,
    },
  ])("$title says so", ({ given, expected }) => {
    expect(connDifference(tunnel, given)).toMatch(expected);
  });
});
