import { describe, expect, it } from "vitest";
import { parseIkeSas, parseUpdown } from "../../agent/vici/sas.ts";
import { eventsOf } from "./golden.ts";

describe("parseIkeSas on a real charon's list-sas", () => {
  const [connecting, established] = eventsOf("list-sas", "list-sa").flatMap(parseIkeSas);

  it("reads an established IKE_SA", () => {
    expect(established).toMatchObject({
      name: "vpn1",
      uniqueId: 1,
      version: 1,
      state: "ESTABLISHED",
      localHost: "203.0.113.10",
      localPort: 4500,
      remoteHost: "34.203.187.158",
      remotePort: 4500,
      localId: "203.0.113.10",
      remoteId: "34.203.187.158",
      initiator: true,
      establishedS: expect.any(Number),
      reauthS: expect.any(Number),
      rekeyS: undefined,
      natLocal: false,
      natRemote: true,
      natAny: true,
    });
  });

  it("reads both CHILD_SAs of a rekey", () => {
    expect(established?.childSas.map((child) => [child.name, child.uniqueId, child.state])).toEqual([
      ["vpn1", 1, "REKEYED"],
      ["vpn1", 2, "INSTALLED"],
    ]);
  });

  it("reads counters, times and selectors of the CHILD_SA that three pings went through", () => {
    expect(established?.childSas[1]).toMatchObject({
      reqId: 1,
      mode: "TUNNEL",
      encap: true,
      spiIn: expect.stringMatching(/^[0-9a-f]{8}$/),
      spiOut: expect.stringMatching(/^[0-9a-f]{8}$/),
      bytesIn: 252,
      bytesOut: 252,
      packetsIn: 3,
      packetsOut: 3,
      useInS: 1,
      useOutS: 1,
      rekeyS: expect.any(Number),
      lifeS: expect.any(Number),
      localTs: ["172.16.0.0/16"],
      remoteTs: ["10.0.0.0/16"],
    });
  });

  it("tells that no packet ever passed by leaving the time out", () => {
    expect(established?.childSas[0]).toMatchObject({ packetsIn: 0, useInS: undefined, useOutS: undefined });
  });

  it("reads an IKE_SA whose peer does not answer", () => {
    expect(connecting).toMatchObject({
      name: "vpn2",
      state: "CONNECTING",
      localId: "%any",
      remoteId: "%any",
      establishedS: undefined,
      natAny: false,
      childSas: [],
    });
  });
});

describe("parseIkeSas", () => {
  it("reads marks, which charon writes in hexadecimal", () => {
    const child = { "mark-in": "00000065", "mark-out": "00000066", "mark-mask-in": "ffffffff" };
    expect(parseIkeSas({ vpn1: { "child-sas": { "vpn1-1": child } } })[0]?.childSas[0]).toMatchObject({
      markIn: 101,
      markOut: 102,
    });
  });

  it("reads IKEv2", () => {
    expect(parseIkeSas({ vpn1: { version: "2", "rekey-time": "100" } })[0]).toMatchObject({ version: 2, rekeyS: 100 });
  });

  it("bears an SA of which nothing is known", () => {
    expect(parseIkeSas({ vpn1: { "child-sas": { "vpn1-1": {} } } })).toMatchObject([
      { name: "vpn1", uniqueId: 0, state: "", childSas: [{ name: "vpn1-1", uniqueId: 0, state: "", bytesIn: 0, localTs: [] }] },
    ]);
  });

  it("takes what is no number as absent", () => {
    const ike = { uniqueid: "one", established: "5 minutes", "local-port": "", "reauth-time": ["7"], "child-sas": "none" };
    expect(parseIkeSas({ vpn1: ike })[0]).toMatchObject({
      uniqueId: 0,
      establishedS: undefined,
      localPort: undefined,
      reauthS: undefined,
      childSas: [],
    });
  });

  it("reads counters up to 2^64", () => {
    const child = { "bytes-in": "18446744073709551615" };
    expect(parseIkeSas({ vpn1: { "child-sas": { c: child } } })[0]?.childSas[0]?.bytesIn).toBe(2 ** 64);
  });
});

describe("parseUpdown on a real charon's events", () => {
  it("reads a CHILD_SA that came up", () => {
    const [event = {}] = eventsOf("events-up", "child-updown");
    expect(parseUpdown(event)).toMatchObject({ up: true, ikeSas: [{ name: "vpn1", childSas: [{ state: "INSTALLED" }] }] });
  });

  it("reads one that went down, where the key `up` is absent", () => {
    const [event = {}] = eventsOf("events-down", "child-updown");
    expect(event).not.toHaveProperty("up");
    expect(parseUpdown(event)).toMatchObject({ up: false, ikeSas: [{ name: "vpn1", childSas: [{ state: "DELETED" }] }] });
  });

  it("reads an IKE_SA that went down, without children", () => {
    const [event = {}] = eventsOf("events-down", "ike-updown");
    expect(parseUpdown(event)).toMatchObject({ up: false, ikeSas: [{ name: "vpn1", state: "DELETING", childSas: [] }] });
  });
});
