import { describe, expect, it } from "vitest";
import { evaluate } from "../../agent/health/evaluate.ts";
import type { HealthFacts } from "../../agent/health/facts.ts";
import { WARNINGS } from "../../agent/health/warnings.ts";
import { linkStatus } from "../expose/support.ts";
import { connectionFacts, DEAD, DOWN, healthyFacts, tunnelStatus } from "./facts.ts";

interface Case {
  /** It shows. */
  readonly shows: HealthFacts;
  /** Words that must be in its text. */
  readonly says: RegExp;
  /** The nearest state in which it does not. */
  readonly silent: HealthFacts;
}

const trouble = { text: "what is wrong", fix: "what to do" };
const oneDown = [
  tunnelStatus(1),
  tunnelStatus(2, { ...DOWN, reason: { code: "proposal-mismatch", text: "NO_PROPOSAL_CHOSEN", fix: "set the proposals" } }),
];
const bothDown = [tunnelStatus(1, DOWN), tunnelStatus(2, DOWN)];
const noCharon = { running: false, via: "none", why: "ECONNREFUSED" } as const;

const LINK_CODES = [
  ...["link-down", "link-dns-internet", "link-dns-nowhere", "link-rejected", "link-failed", "link-address-silent"],
  ...["link-certificate-expiring", "link-acceptance-pending", "link-provisioning-long", "link-zone", "link-account"],
  ...["link-foreign", "link-refused", "link-credentials", "link-forbidden", "link-throttled", "link-aws-unavailable"],
  "link-heroku",
];

/** Who looks after a link has found the words: a warning shows those under its code, and no others. */
const linkCase = (code: string): Case => ({
  shows: healthyFacts({ privatelinks: [linkStatus({ troubles: [{ code, ...trouble }] })] }),
  says: /what is wrong/,
  silent: healthyFacts({ privatelinks: [linkStatus({ troubles: [{ code: `${code}-not`, ...trouble }] })] }),
});

/** One for every declared warning; the test below fails for a new one that has none. */
const CASES: Readonly<Record<string, Case>> = {
  draining: {
    shows: healthyFacts({ draining: { since: 1, closesAt: 2, closed: false } }),
    says: /traffic still passes/,
    silent: healthyFacts({ draining: { since: 1, closesAt: 2, closed: true } }),
  },
  drained: {
    shows: healthyFacts({ draining: { since: 1, closesAt: 2, closed: true } }),
    says: /closed on purpose/,
    silent: healthyFacts({ draining: { since: 1, closesAt: 2, closed: false } }),
  },
  "charon-absent": {
    shows: healthyFacts({ charon: noCharon }),
    says: /does not answer: ECONNREFUSED/,
    silent: healthyFacts({ charon: noCharon, ready: false }),
  },
  "vici-absent": {
    shows: healthyFacts({ charon: { running: true, via: "statusall", why: "" } }),
    says: /ipsec statusall/,
    silent: healthyFacts(),
  },
  "charon-restart-needed": { shows: healthyFacts({ restartNeeded: true }), says: /older options/, silent: healthyFacts() },
  "settings-refused": {
    shows: healthyFacts({ settingsRefused: "config.yaml:3:5: unknown key" }),
    says: /not in force: config\.yaml:3:5: unknown key/,
    silent: healthyFacts(),
  },
  "pass-failed": { shows: healthyFacts({ passError: trouble }), says: /what is wrong/, silent: healthyFacts() },
  "files-held": { shows: healthyFacts({ filesHeld: true }), says: /nothing in them is changed/, silent: healthyFacts() },
  "ip-forward-off": {
    shows: healthyFacts({ ipForward: false }),
    says: /net\.ipv4\.ip_forward is 0/,
    silent: healthyFacts({ ipForward: null }),
  },
  "policy-mismatch": {
    shows: healthyFacts({ newMismatches: 12 }),
    says: /12 packets were decrypted and dropped/,
    silent: healthyFacts({ newMismatches: 4 }),
  },
  "firewall-failed": {
    shows: healthyFacts({ firewallTrouble: trouble }),
    says: /inet spacegate could not be looked at or loaded.* what is wrong/,
    silent: healthyFacts(),
  },
  "forward-refused": {
    shows: healthyFacts({ newForwardRefusals: 12 }),
    says: /12 packets since the last pass were not forwarded/,
    silent: healthyFacts({ newForwardRefusals: 4 }),
  },
  "tls-refused": {
    shows: healthyFacts({ listenerTroubles: [{ code: "tls-refused", ...trouble }] }),
    says: /what is wrong/,
    silent: healthyFacts({ listenerTroubles: [{ code: "tls-expiring", ...trouble }] }),
  },
  "tls-expiring": {
    shows: healthyFacts({ listenerTroubles: [{ code: "tls-expiring", ...trouble }] }),
    says: /what is wrong/,
    silent: healthyFacts({ listenerTroubles: [{ code: "token-refused", ...trouble }] }),
  },
  "token-refused": {
    shows: healthyFacts({ listenerTroubles: [{ code: "token-refused", ...trouble }] }),
    says: /what is wrong/,
    silent: healthyFacts(),
  },
  "source-failed": {
    shows: healthyFacts({ connections: [connectionFacts({}, { sourceError: trouble })] }),
    says: /what is wrong/,
    silent: healthyFacts(),
  },
  "connection-waiting": {
    shows: healthyFacts({ connections: [connectionFacts({}, { waiting: "Heroku is still making it" })] }),
    says: /Heroku is still making it/,
    silent: healthyFacts(),
  },
  "connection-refused": {
    shows: healthyFacts({ connections: [connectionFacts({}, { refused: [trouble] })] }),
    says: /what is wrong/,
    silent: healthyFacts({ connections: [connectionFacts({}, { advice: [trouble] })] }),
  },
  "connection-advice": {
    shows: healthyFacts({ connections: [connectionFacts({}, { advice: [trouble] })] }),
    says: /what is wrong/,
    silent: healthyFacts({ connections: [connectionFacts({}, { refused: [trouble] })] }),
  },
  "probe-impossible": {
    shows: healthyFacts({ connections: [connectionFacts({}, { probeImpossible: true })] }),
    says: /no address in local\.subnets/,
    silent: healthyFacts(),
  },
  "connection-down": {
    shows: healthyFacts({ connections: [connectionFacts({ status: "down", tunnels: bothDown })] }),
    says: /cannot be reached/,
    silent: healthyFacts({ connections: [connectionFacts({ status: "degraded", tunnels: oneDown })] }),
  },
  "tunnel-down": {
    shows: healthyFacts({ connections: [connectionFacts({ status: "degraded", tunnels: oneDown })] }),
    says: /Tunnel 2 to 34\.227\.70\.143 has no CHILD_SA\. NO_PROPOSAL_CHOSEN/,
    silent: healthyFacts({ connections: [connectionFacts({ routing: "policy", carrier: 1, tunnels: oneDown })] }),
  },
  "tunnel-not-passing": {
    shows: healthyFacts({ connections: [connectionFacts({ tunnels: [tunnelStatus(1), tunnelStatus(2, DEAD)] })] }),
    says: /Tunnel 2 to 34\.227\.70\.143 is installed, but nothing comes back/,
    silent: healthyFacts({ connections: [connectionFacts({ tunnels: [tunnelStatus(1), tunnelStatus(2, { passing: null })] })] }),
  },
  "tunnel-flapping": {
    shows: healthyFacts({ connections: [connectionFacts({ tunnels: [tunnelStatus(1), tunnelStatus(2, { recentLosses: 4 })] })] }),
    says: /Tunnel 2 to 34\.227\.70\.143 was lost 4 times during the last hour/,
    silent: healthyFacts({
      connections: [connectionFacts({ tunnels: [tunnelStatus(1), tunnelStatus(2, { recentLosses: 3 })] })],
    }),
  },
  ...Object.fromEntries(LINK_CODES.map((code) => [code, linkCase(code)])),
};

/** What shows once everything that holds has held for long. */
const shown = (facts: HealthFacts) => evaluate(facts, evaluate(facts, new Map(), 0).memory, 10_000_000).warnings;

it("every declared warning has its case, and every case its warning", () => {
  expect(Object.keys(CASES)).toEqual(WARNINGS.map(({ code }) => code));
});

it("a gateway that is well has none", () => {
  expect(shown(healthyFacts())).toEqual([]);
});

describe.each(WARNINGS)("$code", ({ code, severity, title, dependsOn }) => {
  const given = CASES[code];
  const found = given ? shown(given.shows).filter((warning) => warning.code === code) : [];

  it("shows where it holds, once, with what is wrong and what to do", () => {
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ severity, title });
    expect(found[0]?.text).toMatch(given?.says ?? /^$/);
    expect(found[0]?.fix).not.toBe("");
  });

  it("does not show in the nearest state where it does not hold", () => {
    expect(shown(given?.silent ?? healthyFacts()).map((warning) => warning.code)).not.toContain(code);
  });

  it("is explained only by warnings that exist", () => {
    const codes = WARNINGS.map((spec) => spec.code);
    expect(codes).toEqual(expect.arrayContaining([...dependsOn]));
  });
});

it("tunnels that were closed on purpose are no trouble, and those that are down before that are", () => {
  const codes = (closed: boolean) =>
    shown(
      healthyFacts({
        draining: { since: 1, closesAt: 2, closed },
        connections: [connectionFacts({ status: "down", tunnels: bothDown })],
      }),
    ).map(({ code }) => code);
  expect(codes(true)).toEqual(["drained"]);
  expect(codes(false)).toEqual(["connection-down", "tunnel-down", "tunnel-down", "draining"]);
});

it("a tunnel that flaps is told without a break, whatever it does at the moment: an alert must not begin anew each time", () => {
  const codes = (changes: Parameters<typeof tunnelStatus>[1], charon = healthyFacts().charon) =>
    shown(
      healthyFacts({
        charon,
        connections: [connectionFacts({ tunnels: [tunnelStatus(1), tunnelStatus(2, { recentLosses: 9, ...changes })] })],
      }),
    ).map(({ code }) => code);
  expect([codes({}), codes(DEAD), codes(DOWN), codes(DOWN, noCharon)]).toEqual([
    ["tunnel-flapping"],
    ["tunnel-not-passing", "tunnel-flapping"],
    ["tunnel-down", "tunnel-flapping"],
    ["charon-absent", "tunnel-flapping"],
  ]);
});

describe("a tunnel that is down", () => {
  const codes = (changes: Parameters<typeof connectionFacts>[0]) =>
    shown(healthyFacts({ connections: [connectionFacts(changes)] })).map(({ code, tunnel }) => `${code} ${tunnel ?? ""}`.trim());

  it("is one with policy routing only when it is the carrier", () => {
    expect(codes({ routing: "policy", carrier: 2, tunnels: oneDown })).toEqual(["tunnel-down 2"]);
    expect(codes({ routing: "policy", carrier: 1, tunnels: oneDown })).toEqual([]);
  });

  it("is none while its connection is not planned: the connection's own warning says why", () => {
    expect(codes({ routing: null, carrier: null, status: "waiting", tunnels: bothDown })).toEqual([]);
  });

  it.each(["REKEYING", "INSTALLED"])("is none while its CHILD_SA is %s", (child) => {
    expect(codes({ tunnels: [tunnelStatus(1), tunnelStatus(2, { child })] })).toEqual([]);
  });
});
