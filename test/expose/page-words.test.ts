import { describe, expect, it } from "vitest";
import {
  ago,
  bytes,
  clockTime,
  connectionSentence,
  headline,
  milliseconds,
  percent,
  pieces,
  shortened,
} from "../../agent/expose/page-words.ts";
import type { ConnectionStatus } from "../../agent/model/status.ts";
import { AT, connectionStatus, DOWN, gatewayStatus, tunnelStatus } from "./support.ts";

const of = (...statuses: readonly ConnectionStatus["status"][]) =>
  gatewayStatus({ connections: statuses.map((status) => connectionStatus({ status })) });

describe("the heading", () => {
  it.each([
    ["ok", "Traffic passes"],
    ["degraded", "Traffic passes, without a spare tunnel"],
    ["down", "No traffic passes"],
    ["starting", "Starting: the tunnels are coming up"],
    ["waiting", "Waiting for the connection's details"],
  ] as const)("of one connection that is %s is %j", (status, words) => {
    expect(headline(of(status))).toBe(words);
  });

  it("of several counts the worst first", () => {
    expect(headline(of("ok", "ok"))).toBe("All 2 connections pass traffic");
    expect(headline(of("ok", "degraded", "down", "ok", "waiting"))).toBe(
      "5 connections: 1 down, 1 without a spare tunnel, 1 waiting for details, 2 well",
    );
  });

  it("before a first pass claims nothing", () => {
    expect(headline({ ...of("ok"), ready: false })).toBe("Starting: the first look at the host is not finished");
    expect(headline(gatewayStatus({ connections: [] }))).toBe("No connection is in the settings");
  });
});

describe("a connection in one sentence", () => {
  it.each([
    [{ status: "ok", tunnels: [tunnelStatus(1), tunnelStatus(2)] }, "Tunnel 1 carries, tunnel 2 is ready."],
    [
      { carrier: 2, tunnels: [tunnelStatus(1, { passing: false }), tunnelStatus(2)] },
      "Tunnel 1 passes nothing, tunnel 2 carries.",
    ],
    [{ routing: "policy", tunnels: [tunnelStatus(1), tunnelStatus(2, DOWN)] }, "Tunnel 1 carries, tunnel 2 stands by."],
    [
      { status: "starting", tunnels: [tunnelStatus(1, DOWN), tunnelStatus(2, DOWN)] },
      "Tunnel 1 is coming up, tunnel 2 is coming up.",
    ],
    [{ tunnels: [] }, "No tunnel is known yet."],
  ] as const)("%#: %s", (changes, words) => {
    expect(connectionSentence(connectionStatus(changes))).toBe(words);
  });
});

describe("numbers", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [48_200_000_000, "48.2 GB"],
    [123_456_789, "123 MB"],
  ])("%d bytes are %s", (count, text) => {
    expect(bytes(count)).toBe(text);
  });

  it.each([
    [0, "0 %"],
    [0.0004, "< 0.1 %"],
    [0.013, "1.3 %"],
    [0.5, "50 %"],
    [1, "100 %"],
  ])("a loss of %d is %s", (ratio, text) => {
    expect(percent(ratio)).toBe(text);
  });

  it("are as fine as they need to be", () => {
    expect([milliseconds(0.42), milliseconds(12.4)]).toEqual(["0.4 ms", "12 ms"]);
  });
});

describe("times", () => {
  it("of another day have their day", () => {
    expect([clockTime(AT - 1000, AT), clockTime(AT - 86_400_000, AT)]).toEqual(["11:59:59", "31 Oct 12:00:00"]);
  });

  it("of a moment ago, or of a clock that was set back, are just now", () => {
    expect([ago(AT - 500, AT), ago(AT + 5000, AT), ago(AT - 65_000, AT)]).toEqual(["just now", "just now", "1m 5s ago"]);
  });
});

describe("texts", () => {
  it("show what stands between backticks as a command", () => {
    expect(pieces("Run `spacegate plan`, then look.")).toEqual([
      { text: "Run ", code: false },
      { text: "spacegate plan", code: true },
      { text: ", then look.", code: false },
    ]);
    expect(pieces("")).toEqual([]);
  });

  it("are cut where there is no room", () => {
    expect([shortened("12345", 5), shortened("1234 6", 6), shortened("1234 67", 6)]).toEqual(["12345", "1234 6", "1234…"]);
  });
});
