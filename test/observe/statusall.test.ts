import { describe, expect, it } from "vitest";
import { parseStatusall } from "../../agent/observe/statusall.ts";
import { parseIkeSas } from "../../agent/vici/sas.ts";
import { eventsOf, goldenText } from "../vici/golden.ts";
import { Random } from "../vici/random.ts";

const underSas = (...lines: string[]): string => ["Security Associations (1 up, 0 connecting):", ...lines].join("\n");

const IKE = "        vpn1[7]: ESTABLISHED 2 minutes ago, 192.0.2.1[192.0.2.1]...198.51.100.1[198.51.100.1]";

describe("parseStatusall on a real charon's text", () => {
  const status = parseStatusall(goldenText("statusall"));

  it("reads the version and the loaded conns", () => {
    expect(status.version).toBe("5.9.8");
    expect(status.conns).toEqual(["vpn1", "vpn2"]);
  });

  it("tells of SAs what VICI told at the same moment, as far as it knows", () => {
    const known = (fields: object) =>
      Object.fromEntries(
        ["name", "uniqueId", "version", "state", "localHost", "remoteHost", "localId", "remoteId", "initiator"]
          .concat(["reqId", "mode", "packetsIn", "packetsOut", "bytesIn", "bytesOut", "localTs", "remoteTs"])
          .map((key) => [key, (fields as Record<string, unknown>)[key]]),
      );
    const vici = eventsOf("list-sas", "list-sa").flatMap(parseIkeSas);
    expect(status.ikeSas.map(known)).toEqual(vici.map(known));
    expect(status.ikeSas.map((sa) => sa.childSas.map(known))).toEqual(vici.map((sa) => sa.childSas.map(known)));
  });

  it("reads times, SPIs and encapsulation", () => {
    expect(status.ikeSas[1]).toMatchObject({ establishedS: 5, reauthS: 7 * 3600, rekeyS: undefined, natAny: true });
    expect(status.ikeSas[1]?.childSas).toMatchObject([
      { lifeS: 59 * 60, spiIn: undefined, encap: false },
      {
        lifeS: undefined,
        rekeyS: expect.any(Number),
        useInS: 1,
        useOutS: 1,
        encap: true,
        spiIn: expect.stringMatching(/^[0-9a-f]{8}$/),
        spiOut: expect.stringMatching(/^[0-9a-f]{8}$/),
      },
    ]);
  });

  it("reads that there is none", () => {
    expect(parseStatusall(goldenText("statusall-no-sas"))).toEqual({ version: "5.9.8", conns: ["vpn1", "vpn2"], ikeSas: [] });
  });

  it("reads what it can of `ipsec status`", () => {
    expect(parseStatusall(goldenText("status")).ikeSas.map((sa) => [sa.name, sa.state, sa.childSas.length])).toEqual([
      ["vpn2", "CONNECTING", 0],
      ["vpn1", "ESTABLISHED", 2],
    ]);
  });
});

describe("parseStatusall", () => {
  it("tells by the missing version that charon is dead", () => {
    expect(parseStatusall("")).toEqual({ version: undefined, conns: [], ikeSas: [] });
  });

  it("reads an IKEv2 SA of which the peer is the initiator", () => {
    const lines = [IKE, "        vpn1[7]: IKEv2 SPIs: 0123456789abcdef_i 0123456789abcdef_r*, rekeying in 55 minutes"];
    expect(parseStatusall(underSas(...lines)).ikeSas).toMatchObject([
      { version: 2, initiator: false, establishedS: 120, rekeyS: 55 * 60, reauthS: undefined },
    ]);
  });

  it("reads identities with brackets, commas and spaces", () => {
    const line = "vpn1[7]: ESTABLISHED 1 second ago, 192.0.2.1[C=CH, O=a [b]]...198.51.100.1[vpn.example]";
    expect(parseStatusall(underSas(line)).ikeSas).toMatchObject([
      { establishedS: 1, localHost: "192.0.2.1", localId: "C=CH, O=a [b]", remoteHost: "198.51.100.1", remoteId: "vpn.example" },
    ]);
  });

  it("reads a CHILD_SA without encapsulation, with several selectors and a single packet", () => {
    const lines = [
      IKE,
      "        vpn1{9}:  INSTALLED, TUNNEL, reqid 3, ESP SPIs: c1a2b3c4_i d1a2b3c4_o",
      "        vpn1{9}:  AES_CBC_256/HMAC_SHA2_256_128, 84 bytes_i (1 pkt, 12s ago), 0 bytes_o, rekeying disabled",
      "        vpn1{9}:   172.16.0.0/16 192.168.0.0/24 === 10.0.0.0/16",
    ];
    expect(parseStatusall(underSas(...lines)).ikeSas[0]?.childSas).toMatchObject([
      {
        uniqueId: 9,
        reqId: 3,
        spiIn: "c1a2b3c4",
        encap: false,
        bytesIn: 84,
        packetsIn: 1,
        useInS: 12,
        bytesOut: 0,
        packetsOut: 0,
        useOutS: undefined,
        rekeyS: undefined,
        localTs: ["172.16.0.0/16", "192.168.0.0/24"],
        remoteTs: ["10.0.0.0/16"],
      },
    ]);
  });

  it("does not take a routed policy for a CHILD_SA", () => {
    const routed =
      "Routed Connections:\n        vpn1{1}:  ROUTED, TUNNEL, reqid 1\n        vpn1{1}:   172.16.0.0/16 === 10.0.0.0/16";
    expect(parseStatusall(`${routed}\n${underSas(IKE)}`).ikeSas).toMatchObject([{ childSas: [] }]);
    expect(parseStatusall(`${underSas(IKE)}\n${routed}`).ikeSas).toMatchObject([{ childSas: [] }]);
  });

  it("leaves out a CHILD_SA whose IKE_SA it could not read", () => {
    expect(parseStatusall(underSas("        vpn1{1}:  INSTALLED, TUNNEL, reqid 1")).ikeSas).toEqual([]);
  });

  it("bears a text that is cut anywhere", () => {
    const text = goldenText("statusall");
    for (let length = 0; length <= text.length; length += 1) parseStatusall(text.slice(0, length));
    expect(parseStatusall(text.slice(0, text.indexOf("vpn1{2}"))).ikeSas[1]?.childSas).toHaveLength(1);
  });

  it("bears 3000 garbled texts", () => {
    const random = new Random(3);
    const original = Buffer.from(goldenText("statusall"));
    for (let round = 0; round < 3000; round += 1) {
      const bytes = Buffer.from(original);
      for (let left = 1 + random.below(20); left > 0; left -= 1) bytes[random.below(bytes.length)] = random.below(128);
      expect(Array.isArray(parseStatusall(bytes.toString()).ikeSas)).toBe(true);
    }
  });

  it.each([
    ["one endless line of digits", "1"],
    ["endless capitals", "A"],
    ["endless spaces", " "],
    ["endless brackets", "[1]{"],
    ["endless names", "vpn1[1]: "],
    ["endless counters", "1 bytes_i (1 pkts, "],
    ["endless times", "rekeying in 1 "],
    ["endless selectors", " === "],
    ["endless identities", "]..."],
    ["endless SAs", "\nvpn1[1]: CREATED, a[b]...c[d]\nvpn1{1}:  INSTALLED, TUNNEL"],
  ])("reads a megabyte of %s in linear time", (_what, piece) => {
    const text = underSas(
      IKE,
      `vpn1[7]: ${piece.repeat(1_000_000 / piece.length)}`,
      `vpn1{7}: ${piece.repeat(1_000_000 / piece.length)}`,
    );
    const start = performance.now();
    parseStatusall(text);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
