import { describe, expect, it } from "vitest";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { offlineStatus, type Remains } from "../../agent/loop/offline-status.ts";
import { fileOf, ikeUp, loadedConn, runningCharon, sample, sampleConnection, tunnelOf } from "../sample.ts";

const own = sample();
const [first, second] = [tunnelOf(own, 1), tunnelOf(own, 2)];
const NOW = 1_700_000_000_000;

const remains = (changes: Partial<Remains> = {}): Remains => ({
  error: new SpacegateError("NOT_RUNNING", "no answer", { fix: "start it" }),
  refs: [{ space: "acme-space", name: "office" }],
  charon: runningCharon(own.desired, { sas: [ikeUp(first)] }),
  kept: new Map([["acme-space/office", { connection: sampleConnection(), confirmedAt: NOW - 1000 }]]),
  now: NOW,
  ...changes,
});

const tunnels = (changes: Partial<Remains> = {}) => offlineStatus(remains(changes)).connections[0]?.tunnels ?? [];

describe("without the agent", () => {
  it("charon tells of SAs, and its conns of those that are down", () => {
    expect(tunnels()).toEqual([
      expect.objectContaining({
        conn: first.conn,
        address: first.remote,
        ike: "ESTABLISHED",
        child: "INSTALLED",
        establishedS: 60,
      }),
      expect.objectContaining({ conn: second.conn, address: second.remote, ike: "NONE", child: "NONE", loaded: true }),
    ]);
  });

  it("bytes of all a tunnel's SAs are added up", () => {
    const [child] = ikeUp(first).childSas;
    const childSas = child ? [child, child].map((one) => ({ ...one, bytesIn: 700, bytesOut: 5 })) : [];
    const charon = runningCharon(own.desired, { sas: [ikeUp(first, { childSas })] });
    expect(tunnels({ charon })[0]).toMatchObject({ bytesIn: 1400, bytesOut: 10 });
  });

  it("the last good copy has the addresses when charon has nothing", () => {
    expect(tunnels({ charon: { kind: "absent", why: "dead" } }).map(({ address, loaded }) => [address, loaded])).toEqual([
      [first.remote, null],
      [second.remote, null],
    ]);
  });

  it("nothing at all is known on a host where the agent has never been", () => {
    const status = offlineStatus(remains({ charon: { kind: "absent", why: "dead" }, kept: new Map() }));
    expect(status.charon).toEqual({ running: false, version: "", via: "none", why: "dead" });
    expect(status.connections[0]).toMatchObject({
      confirmedAt: null,
      providerStatus: "",
      tunnels: [{ address: "" }, { address: "" }],
    });
  });

  it("a charon without VICI does not tell what it has loaded", () => {
    const charon = runningCharon(own.desired, { via: "statusall", conns: [] });
    expect(tunnels({ charon }).map(({ loaded, child }) => [loaded, child])).toEqual([
      [null, "INSTALLED"],
      [null, "INSTALLED"],
    ]);
  });

  it("conns of the agent's that no connection has are named; other people's are not", () => {
    const conns = ["spacegate.old.office.1", "theirs", first.conn].map((name) => loadedConn(first, { name }));
    expect(offlineStatus(remains({ charon: runningCharon(own.desired, { conns, sas: [] }) })).strays).toEqual([
      "spacegate.old.office.1",
    ]);
  });

  it("no PSK is told", () => {
    const said = JSON.stringify(offlineStatus(remains()));
    expect(fileOf(own, "ipsec.secrets").content.reveal()).toContain(": PSK ");
    for (const { psk } of own.desired.tunnels) expect(said).not.toContain(psk.reveal());
  });
});
