import { describe, expect, it } from "vitest";
import { picture } from "../../agent/expose/page-picture.ts";
import { timeline } from "../../agent/expose/page-timeline.ts";
import { tunnelPanels } from "../../agent/expose/page-tunnel.ts";
import { pageView } from "../../agent/expose/page-view.ts";
import type { History, HistoryEvent } from "../../agent/model/history.ts";
import type { Reason } from "../../agent/model/status.ts";
import { AT, connectionStatus, DOWN, gatewayStatus, tunnelStatus, WARNING } from "./support.ts";

const REASON: Reason = { code: "no-answer-500", text: "34.227.70.143 does not answer on UDP 500.", fix: "Open `UDP 500`." };
const NO_HISTORY: History = { events: () => [], series: () => [], pointMs: 15_000 };
const KEY = "acme-space/office";

describe("the picture", () => {
  it("has for each tunnel what it does and how, or why it does not", () => {
    const { lanes } = picture(connectionStatus({ tunnels: [tunnelStatus(1), tunnelStatus(2, { ...DOWN, reason: REASON })] }));
    expect(lanes.map(({ state, words, wideNote, flows }) => [state, words, wideNote, flows])).toEqual([
      ["carries", "carries", "13 ms · 1.0 % lost", true],
      ["down", "is down", "34.227.70.143 does not answer on UDP 500.", false],
    ]);
  });

  it("breaks the reason into lines where it is narrow", () => {
    const [, two] = picture(connectionStatus({ tunnels: [tunnelStatus(1), tunnelStatus(2, { ...DOWN, reason: REASON })] })).lanes;
    expect(two?.narrowNote.map(({ text }) => text)).toEqual(["34.227.70.143", "does not answer", "on UDP 500."]);
  });

  it("says of a tunnel that stands by when its last try failed", () => {
    const tunnels = [tunnelStatus(1), tunnelStatus(2, { ...DOWN, reason: REASON })];
    const [, two] = picture(connectionStatus({ routing: "policy", tunnels })).lanes;
    expect([two?.state, two?.words, two?.doubtful]).toEqual(["idle", "stands by, last try failed", true]);
  });

  it("does not claim what nothing proves", () => {
    const [one] = picture(
      connectionStatus({ tunnels: [tunnelStatus(1, { passing: null, rttMs: null, lossRatio: null })] }),
    ).lanes;
    expect(one?.wideNote).toBe("not proven");
  });

  it("has room for a few networks and counts the others", () => {
    const local = ["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16", "10.5.0.0/16"];
    const { localLines, localShort } = picture(
      connectionStatus({ networks: { gateway: "10.1.0.1", local, space: "10.9.0.0/16" } }),
    );
    expect(localLines.map(({ text }) => text)).toEqual(["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "and 2 more"]);
    expect(localShort.map(({ text }) => text)).toEqual(["10.1.0.0/16", "and 4 more"]);
  });

  it("can be drawn of a connection whose details are not known", () => {
    const { gateway, spaceBlock, lanes } = picture(
      connectionStatus({ status: "waiting", tunnels: [tunnelStatus(1, { ...DOWN, address: "" })] }),
    );
    expect([gateway, spaceBlock, lanes[0]?.address]).toEqual(["", "", "address not known"]);
  });
});

describe("a tunnel's panel", () => {
  it("has the reason with its fix only as long as no warning says it", () => {
    const connection = connectionStatus({ tunnels: [tunnelStatus(1), tunnelStatus(2, { ...DOWN, reason: REASON })] });
    const reasonOf = (warnings: readonly (typeof WARNING)[]) =>
      tunnelPanels(connection, gatewayStatus({ connections: [connection], warnings }), NO_HISTORY)[1]?.reason.length;
    expect([reasonOf([]), reasonOf([WARNING]), reasonOf([{ ...WARNING, connection: "other/office" }])]).toEqual([1, 0, 1]);
    expect(reasonOf([{ ...WARNING, code: "tunnel-flapping" }])).toBe(1);
  });

  it("shows no round trip of a tunnel through which nothing comes back", () => {
    const connection = connectionStatus({ tunnels: [tunnelStatus(1, { passing: false, lossRatio: 1 })] });
    const [panel] = tunnelPanels(connection, gatewayStatus({ connections: [connection] }), NO_HISTORY);
    expect([panel?.rtt, panel?.loss]).toEqual(["–", "100 %"]);
  });
});

describe("the timeline", () => {
  const event = (seconds: number, code: HistoryEvent["code"], changes: Partial<HistoryEvent> = {}): HistoryEvent => ({
    ...{ at: AT + seconds * 1000, code, text: code, connection: KEY, ...changes },
  });
  const status = gatewayStatus({ at: AT + 100_000 });
  const shown = (events: readonly HistoryEvent[], of = status) =>
    timeline(events, of).map(({ text, ongoing }) => (ongoing ? `${text}!` : text));

  it("is newest first and marks what goes on", () => {
    expect(
      shown([
        event(1, "outage-began"),
        event(2, "outage-ended"),
        event(3, "outage-began"),
        event(4, "tunnel-down", { tunnel: 2 }),
      ]),
    ).toEqual(["tunnel-down!", "outage-began!", "outage-ended", "outage-began"]);
  });

  it("ends nothing by what happens to another tunnel, connection or warning", () => {
    const events = [
      event(1, "tunnel-down", { tunnel: 1 }),
      event(2, "tunnel-up", { tunnel: 2 }),
      event(3, "tunnel-up", { tunnel: 1, connection: "other/office" }),
      event(4, "warning-shown", { warning: "source-failed" }),
      event(5, "warning-cleared", { warning: "settings-refused" }),
    ];
    expect(shown(events)).toEqual(["warning-cleared", "warning-shown!", "tunnel-up", "tunnel-up", "tunnel-down!"]);
  });

  it("does not call down what only stands by since", () => {
    const idle = gatewayStatus({ connections: [connectionStatus({ routing: "policy", carrier: 1 })] });
    expect(shown([event(1, "tunnel-down", { tunnel: 2 })], idle)).toEqual(["tunnel-down"]);
  });

  it("shows the newest eighty", () => {
    const entries = timeline(
      Array.from({ length: 300 }, (_, index) => event(index, "drill", { text: String(index) })),
      status,
    );
    expect([entries.length, entries[0]?.text]).toEqual([80, "299"]);
  });
});

describe("the page", () => {
  const view = (changes: Parameters<typeof gatewayStatus>[0]) => pageView(gatewayStatus(changes), NO_HISTORY, "gw-1");

  it("leads from a warning to its connection", () => {
    const connections = [connectionStatus({ name: "other" }), connectionStatus()];
    expect(view({ connections }).warnings[0]).toMatchObject({ where: KEY, href: "#connection-2" });
  });

  it("unfolds a few connections, and of many those that are not well", () => {
    const opened = (count: number) =>
      view({
        connections: Array.from({ length: count }, (_, place) =>
          connectionStatus({ name: `n${place}`, status: place === 1 ? "down" : "ok" }),
        ),
      }).connections.map(({ open }) => open);
    expect([opened(3), opened(4)]).toEqual([
      [true, true, true],
      [false, true, false, false],
    ]);
  });

  it("of very many connections draws those that are not well, and each of the others on a page of its own", () => {
    const connections = Array.from({ length: 1000 }, (_, place) =>
      connectionStatus({ name: `n${place}`, status: place % 10 === 0 ? "down" : "ok" }),
    );
    const status = gatewayStatus({ connections });
    const all = pageView(status, NO_HISTORY, "gw-1");
    expect([all.index.length, all.connections.length]).toEqual([1000, 24]);
    expect([all.index[10]?.href, all.index[11]?.href]).toEqual(["#connection-2", "/?connection=acme-space%2Fn11"]);
    const one = pageView(status, NO_HISTORY, "gw-1", "acme-space/n11");
    expect([one.alone, one.index, one.connections.map(({ key, open }) => [key, open])]).toEqual([
      true,
      [],
      [["acme-space/n11", true]],
    ]);
  });

  it("shows everything when it is asked for a connection that there is not", () => {
    const connections = [connectionStatus(), connectionStatus({ name: "other" })];
    const { alone, index } = pageView(gatewayStatus({ connections }), NO_HISTORY, "gw-1", "no/such");
    expect([alone, index.length]).toEqual([false, 2]);
  });

  it("shows the twenty most severe warnings and counts the others", () => {
    const warnings = Array.from({ length: 33 }, () => WARNING);
    const shown = view({ warnings });
    expect([shown.warnings.length, shown.moreWarnings]).toEqual([20, 13]);
  });

  it("says that details come from the last good copy", () => {
    const source = { kind: "platform-api", origin: "last-good-copy", confirmedAt: AT - 90_000, error: "503" } as const;
    const [shown] = view({ connections: [connectionStatus({ source })] }).connections;
    expect(shown?.source).toBe("details confirmed 1m 30s ago, from the last good copy");
  });
});
