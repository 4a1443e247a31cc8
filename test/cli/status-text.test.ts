import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { statusText } from "../../agent/cli/status-text.ts";
import type { Status } from "../../agent/model/status.ts";
import { AT, connectionStatus, DOWN, gatewayStatus, tunnelStatus, WARNING } from "../expose/support.ts";

const SCREEN = { width: 80, colour: false };
const HOUR = 3_600_000;
const NO_ANSWER = {
  code: "no-answer-500",
  text: "34.227.70.143 does not answer on UDP 500.",
  fix: "Open UDP 500 and 4500 in both directions to that address.",
};

const sick: Status = gatewayStatus({
  privatelinks: [],
  startedAt: AT - 3 * HOUR,
  connections: [
    connectionStatus({
      source: { kind: "platform-api", origin: "source", confirmedAt: AT - 12_000, error: null },
      tunnels: [
        tunnelStatus(1, { since: AT - 2 * HOUR, bytesIn: 1_234_567_890, bytesOut: 340_000_000 }),
        tunnelStatus(2, { ...DOWN, since: AT - 12_000, reason: NO_ANSWER, providerStatus: "DOWN" }),
      ],
    }),
  ],
  warnings: [{ ...WARNING, text: `Tunnel 2 to 34.227.70.143 has no CHILD_SA. ${NO_ANSWER.text}`, fix: NO_ANSWER.fix }],
});

it("is one screen: what carries, what is sick, since when, and what to do", () => {
  expect(statusText(sick, SCREEN)).toBe(
    `! degraded  spacegate 0.1.0, running 3h; strongSwan 5.9.8 by vici; firewall in
            force, 0 packets dropped

acme-space/office  ! degraded
  routing vti; Heroku says active, confirmed 12s ago (platform-api)
     TUNNEL            STATE         FOR      RTT      LOSS   IN       OUT
  >  1 34.203.187.158  + passing     2h       12.5 ms  1 %    1.2 GB   340.0 MB
       carries; IKE ESTABLISHED, child INSTALLED; Heroku says UP
     2 34.227.70.143   x down        12s      -        -      0 B      0 B
       IKE CONNECTING, child NONE; Heroku says DOWN
       why: 34.227.70.143 does not answer on UDP 500. (no-answer-500)

! warning: acme-space/office: Tunnel 2 to 34.227.70.143 has no CHILD_SA.
           34.227.70.143 does not answer on UDP 500.
    Fix: Open UDP 500 and 4500 in both directions to that address.
    (tunnel-down, for 0s)

More about a word in brackets: spacegate explain WORD`,
  );
});

describe("a tunnel's state in words", () => {
  const shown = (changes: Parameters<typeof tunnelStatus>[1], routing: "vti" | "policy" = "vti") =>
    statusText(
      gatewayStatus({ warnings: [], connections: [connectionStatus({ routing, tunnels: [tunnelStatus(2, changes)] })] }),
      SCREEN,
    );

  it.each([
    ["+ passing", { passing: true }],
    ["x not passing", { passing: false }],
    ["? not proven", { passing: null }],
    ["x down", DOWN],
  ])("%s", (words, changes) => {
    expect(shown(changes)).toMatch(new RegExp(`34\\.227\\.70\\.143 +${words.replace(/[+?]/, "\\$&")} `));
  });

  it("is ready, without a reason, where policy routing has the other one carry", () => {
    expect(shown({ ...DOWN, reason: NO_ANSWER }, "policy")).toMatch(/- ready /);
    expect(shown({ ...DOWN, reason: NO_ANSWER }, "policy")).not.toContain("does not answer");
  });

  it("never shows some loss as none", () => {
    expect(shown({ lossRatio: 0.004 })).toContain("<1 %");
    expect(shown({ lossRatio: 0 })).toContain(" 0 %");
  });
});

describe("what Heroku says", () => {
  const shown = (source: Partial<Status["connections"][number]["source"]>) =>
    statusText(
      gatewayStatus({ connections: [connectionStatus({ source: { ...connectionStatus().source, ...source } })] }),
      SCREEN,
    );

  it("tells the age of a last good copy", () => {
    const text = shown({ origin: "last-good-copy", confirmedAt: AT - HOUR });
    expect(text).toContain("Heroku said active 1h ago; since then only the last good copy");
  });

  it("tells that nothing is known", () => {
    expect(shown({ origin: "none", confirmedAt: null })).toContain("Heroku's details are not known yet");
  });
});

it("names the last drill", () => {
  const drill = { space: "acme-space", connection: "office", tunnel: 1 as const, outageS: 0.42, restoredS: 3, at: AT - HOUR };
  expect(statusText({ ...gatewayStatus(), drills: [drill as Status["drills"][number]] }, SCREEN).replace(/\s+/g, " ")).toContain(
    "last drill 1h ago: 0.42 s without packets",
  );
});

it("tells that strongSwan is not running", () => {
  expect(statusText(gatewayStatus({ charon: { running: false, version: "", via: "none" } }), SCREEN)).toContain(
    "strongSwan is not running",
  );
});

describe("the width", () => {
  const long = "word ".repeat(60) + "x".repeat(300);
  const worst = gatewayStatus({
    startedAt: 0,
    connections: [
      connectionStatus({
        space: "s".repeat(64),
        name: "n".repeat(64),
        providerStatus: long,
        tunnels: [1, 2].map((index) =>
          tunnelStatus(index as 1 | 2, {
            address: "255.255.255.255",
            since: 0,
            rttMs: 123_456,
            lossRatio: 1,
            bytesIn: 999_900_000_000,
            bytesOut: 999_900_000_000,
            reason: { code: "unknown", text: long, fix: long },
            providerStatus: long,
          }),
        ),
      }),
    ],
    warnings: [{ ...WARNING, severity: "critical", text: long, fix: long }],
  });

  it.each([80, 132, 40, 20])("is never more than %d columns", (width) => {
    for (const status of [sick, worst])
      for (const line of statusText(status, { width, colour: true }).split("\n"))
        expect(stripVTControlCharacters(line).length, line).toBeLessThanOrEqual(width);
  });

  it("keeps a tunnel on one line at 80 columns", () => {
    expect(statusText(sick, SCREEN).match(/^.*34\.203\.187\.158.*340\.0 MB$/gm)).toHaveLength(1);
  });
});

it("says the same without colours", () => {
  expect(stripVTControlCharacters(statusText(sick, { width: 80, colour: true }))).toBe(statusText(sick, SCREEN));
  expect(statusText(sick, SCREEN)).not.toContain("\x1b");
});

it("does not let Heroku's words command the terminal", () => {
  const text = statusText(
    gatewayStatus({ connections: [connectionStatus({ providerStatus: "active\x1b[2J\nfake line" })] }),
    SCREEN,
  );
  expect(text).not.toContain("\x1b");
  expect(text).not.toMatch(/^fake line/m);
});
