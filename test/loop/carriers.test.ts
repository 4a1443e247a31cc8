import { describe, expect, it } from "vitest";
import { CarrierBook, flipRoute } from "../../agent/loop/carriers.ts";
import type { DesiredTunnel } from "../../agent/model/desired.ts";
import type { Settings } from "../../agent/model/settings.ts";
import { isCarrierRoute } from "../../agent/plan/desired.ts";
import type { Candidate } from "../../agent/steer/steer.ts";
import {
  entriesFor,
  freshHost,
  ikeUp,
  matchingHost,
  numberedConnection,
  runningCharon,
  sample,
  sampleEntry,
  sampleSettings,
  tunnelOf,
} from "../sample.ts";

const KEY = "acme-space/office";

const settingsOf = (changes: object): Settings => sampleSettings([sampleEntry(changes)]);

const both =
  (one: Partial<Candidate>, two: Partial<Candidate>) =>
  ({ index }: DesiredTunnel): Candidate => ({
    ...{ index, state: "up", passing: true, probed: true, sent: 100, lost: 0, changing: false },
    ...(index === 1 ? one : two),
  });

const WELL = both({}, {});

describe("the carriers of an agent that begins", () => {
  const adopted = (settings: Settings, carrier: 1 | 2) => {
    const own = sample({ settings, carriers: { [KEY]: carrier } });
    const book = new CarrierBook();
    book.adopt(own.desired.tunnels, settings, matchingHost(own));
    return book.carriers()[KEY];
  };

  it("are those of the kernel's routes, though another tunnel is preferred", () => {
    expect(adopted(settingsOf({ routing: "vti" }), 2)).toBe(2);
    expect(adopted(settingsOf({ routing: "vti", steering: { prefer: 2 } }), 1)).toBe(1);
  });

  it("are with policy routing those that are up", () => {
    const settings = settingsOf({ routing: "policy" });
    const own = sample({ settings });
    const book = new CarrierBook();
    const charon = runningCharon(own.desired, { sas: [ikeUp(tunnelOf(own, 1), { childSas: [] }), ikeUp(tunnelOf(own, 2))] });
    book.adopt(own.desired.tunnels, settings, { ...matchingHost(own), charon });
    expect(book.carriers()).toEqual({ [KEY]: 2 });
  });

  it.each([
    [1, settingsOf({})],
    [2, settingsOf({ steering: { prefer: 2 } })],
    [1, settingsOf({ steering: { prefer: "none" } })],
  ] as const)("are the preferred ones on a fresh host: %d", (carrier, settings) => {
    const own = sample({ settings });
    const book = new CarrierBook();
    book.adopt(own.desired.tunnels, settings, freshHost());
    expect(book.carriers()).toEqual({ [KEY]: carrier });
  });

  it("are learnt once: what the kernel says later does not move them", () => {
    const own = sample({ carriers: { [KEY]: 2 } });
    const book = new CarrierBook();
    expect(book.adopt(own.desired.tunnels, own.settings, matchingHost(own))).toBe(true);
    expect(book.adopt(own.desired.tunnels, own.settings, matchingHost(sample()))).toBe(false);
    expect(book.carriers()).toEqual({ [KEY]: 2 });
  });

  it("stay where a restarted agent finds them until the preferred tunnel has proven itself", () => {
    const own = sample({ carriers: { [KEY]: 2 } });
    const book = new CarrierBook();
    book.adopt(own.desired.tunnels, own.settings, matchingHost(own));
    expect(book.steer(own.desired.tunnels, own.settings, WELL, 0)).toEqual({ moves: [], nextMs: 2000 });
    expect(book.steer(own.desired.tunnels, own.settings, WELL, 2000).moves).toMatchObject([{ key: KEY, from: 2, to: 1 }]);
  });

  it("stay for good where no tunnel is preferred", () => {
    const settings = settingsOf({ steering: { prefer: "none" } });
    const own = sample({ settings, carriers: { [KEY]: 2 } });
    const book = new CarrierBook();
    book.adopt(own.desired.tunnels, settings, matchingHost(own));
    expect(book.steer(own.desired.tunnels, settings, WELL, 0)).toEqual({ moves: [], nextMs: null });
  });
});

describe("steering many connections", () => {
  const connections = [numberedConnection(1), numberedConnection(2)];
  const settings = sampleSettings(entriesFor(connections));
  const own = sample({ settings, connections });

  it("moves those whose carrier failed, and no other", () => {
    const book = new CarrierBook();
    book.adopt(own.desired.tunnels, settings, matchingHost(own));
    const dead = (tunnel: DesiredTunnel): Candidate => ({
      ...WELL(tunnel),
      passing: tunnel.ref.space !== "space-1" || tunnel.index !== 1,
    });
    const { moves } = book.steer(own.desired.tunnels, settings, dead, 0);
    expect(moves).toEqual([{ key: "space-1/office", from: 1, to: 2, why: "nothing comes back through it" }]);
    expect(book.carriers()).toEqual({ "space-1/office": 2, "space-2/office": 1 });
    expect(["space-1/office", "space-2/office", "space-3/office"].map((key) => book.carrierOf(key))).toEqual([2, 1, undefined]);
    expect(book.steer(own.desired.tunnels, settings, dead, 1).moves).toEqual([]);
  });

  it("moves nothing of a connection whose carrier is not known yet", () => {
    expect(new CarrierBook().steer(own.desired.tunnels, settings, both({ state: "down" }, {}), 0).moves).toEqual([]);
  });
});

describe("the route of a move", () => {
  it("is the carrier route of that connection, through the other link", () => {
    const connections = [numberedConnection(1), numberedConnection(2)];
    const { desired } = sample({ settings: sampleSettings(entriesFor(connections)), connections });
    const route = flipRoute(desired.tunnels, desired.routes, { key: "space-2/office", from: 1, to: 2, why: "" });
    const [from, to] = ([1, 2] as const).map(
      (index) => desired.tunnels.find((one) => one.ref.space === "space-2" && one.index === index)?.link,
    );
    const before = desired.routes.find((one) => isCarrierRoute(one) && one.dev === from);
    expect(before).toBeDefined();
    expect(route).toEqual({ ...before, dev: to });
  });

  it("is none with policy routing", () => {
    const { desired } = sample({ settings: settingsOf({ routing: "policy" }) });
    expect(flipRoute(desired.tunnels, desired.routes, { key: KEY, from: 1, to: 2, why: "" })).toBeUndefined();
  });
});
