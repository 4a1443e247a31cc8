import { describe, expect, it } from "vitest";
import { connectionHealth, evaluate, type HealthMemory, overallHealth } from "../../agent/health/evaluate.ts";
import type { HealthFacts } from "../../agent/health/facts.ts";
import type { ConnectionHealth, TunnelStatus } from "../../agent/model/status.ts";
import { connectionFacts, DEAD, DOWN, healthyFacts, tunnelStatus } from "./facts.ts";

const NONE: HealthMemory = new Map();
const codes = (facts: HealthFacts, memory = NONE, now = 0): string[] =>
  evaluate(facts, memory, now).warnings.map(({ code }) => code);
const settled = (facts: HealthFacts): HealthMemory => evaluate(facts, NONE, 0).memory;

const second = (changes: Partial<TunnelStatus>): HealthFacts =>
  healthyFacts({ connections: [connectionFacts({ tunnels: [tunnelStatus(1), tunnelStatus(2, changes)] })] });

describe("a warning that needs its time", () => {
  const down = second(DOWN);

  it("shows when it has held for so long, and says when that will be", () => {
    const first = evaluate(down, NONE, 1000);
    expect(first).toMatchObject({ warnings: [], nextMs: 5000 });
    const later = evaluate(down, first.memory, 5999);
    expect(later).toMatchObject({ warnings: [], nextMs: 1 });
    const due = evaluate(down, later.memory, 6000);
    expect(due).toMatchObject({
      warnings: [{ code: "tunnel-down", since: 1000, connection: "acme-space/office", tunnel: 2 }],
      nextMs: null,
    });
  });

  it("begins anew when it was gone in between", () => {
    const gone = evaluate(healthyFacts(), settled(down), 3000).memory;
    expect(evaluate(down, gone, 6000)).toMatchObject({ warnings: [], nextMs: 5000 });
  });

  it("does not wait for the time that a clock which was set back has still to make up", () => {
    const before = evaluate(down, NONE, 1_000_000).memory;
    const back = evaluate(down, before, 10_000);
    expect(back.nextMs).toBe(5000);
    expect(codes(down, back.memory, 15_000)).toEqual(["tunnel-down"]);
  });

  it("names the soonest of several", () => {
    const facts = healthyFacts({ connections: [connectionFacts({ tunnels: [tunnelStatus(1, DEAD), tunnelStatus(2, DOWN)] })] });
    expect(evaluate(facts, NONE, 0).nextMs).toBe(2000);
  });
});

describe("since", () => {
  const failed = (...texts: string[]) =>
    healthyFacts({ connections: [connectionFacts({}, { refused: texts.map((text) => ({ text, fix: "f" })) })] });
  const sinceAt = (facts: HealthFacts, memory: HealthMemory, now: number) =>
    evaluate(facts, memory, now).warnings.map(({ since }) => since);

  it("survives a changed text", () => {
    expect(sinceAt(failed("try 2"), evaluate(failed("try 1"), NONE, 100).memory, 200)).toEqual([100]);
  });

  it("is each one's own when several hold about one thing", () => {
    expect(sinceAt(failed("a", "b"), evaluate(failed("a"), NONE, 100).memory, 200)).toEqual([100, 200]);
  });

  it("is not shared between connections", () => {
    const refused = { refused: [{ text: "t", fix: "f" }] };
    const one = connectionFacts({}, refused);
    const other = connectionFacts({ space: "other-space" }, refused);
    const memory = evaluate(healthyFacts({ connections: [one] }), NONE, 100).memory;
    const { warnings } = evaluate(healthyFacts({ connections: [other, one] }), memory, 200);
    expect(warnings.map(({ connection, since }) => [connection, since])).toEqual([
      ["other-space/office", 200],
      ["acme-space/office", 100],
    ]);
  });

  it("forgets what holds no more", () => {
    expect(evaluate(healthyFacts(), settled(failed("a")), 1).memory.size).toBe(0);
  });
});

describe("an explained warning", () => {
  const tunnels = [tunnelStatus(1, DOWN), tunnelStatus(2, DOWN)];
  const down = healthyFacts({ connections: [connectionFacts({ status: "down", tunnels })] });
  const everything: HealthFacts = {
    ...down,
    charon: { running: false, via: "none", why: "it is stopped" },
    passError: { text: "charon is away", fix: "f" },
    restartNeeded: true,
  };

  it("does not show beside its explanation: with charon away only that is told", () => {
    expect(codes(everything, settled(everything), 60_000)).toEqual(["charon-absent"]);
  });

  it("shows at once when its explanation is gone, and has held all the while", () => {
    const { warnings } = evaluate(down, settled(everything), 60_000);
    expect(warnings.map(({ code, since }) => [code, since])).toEqual([
      ["connection-down", 0],
      ["tunnel-down", 0],
      ["tunnel-down", 0],
    ]);
  });

  it("is not explained by what holds for the other tunnel", () => {
    const facts = healthyFacts({ connections: [connectionFacts({ tunnels: [tunnelStatus(1, DEAD), tunnelStatus(2, DOWN)] })] });
    const { warnings } = evaluate(facts, settled(facts), 60_000);
    expect(warnings.map(({ code, tunnel }) => [code, tunnel])).toEqual([
      ["tunnel-down", 2],
      ["tunnel-not-passing", 1],
    ]);
  });
});

it("the most severe come first", () => {
  const facts = healthyFacts({
    filesHeld: true,
    ipForward: false,
    connections: [connectionFacts({}, { refused: [{ text: "t", fix: "f" }] })],
  });
  expect(evaluate(facts, NONE, 0).warnings.map(({ severity }) => severity)).toEqual(["critical", "warning", "info"]);
});

describe("a connection in one word", () => {
  const up = tunnelStatus(1);
  const unproven = tunnelStatus(2, { passing: null });
  const dead = tunnelStatus(2, DEAD);
  const down = tunnelStatus(2, DOWN);
  const inForce = { ready: true, planned: true, settled: true };

  it.each<{
    tunnels: TunnelStatus[];
    routing: "vti" | "policy" | null;
    view: Partial<typeof inForce>;
    health: ConnectionHealth;
    title: string;
  }>([
    { title: "before the first pass", tunnels: [up, up], routing: "vti", view: { ready: false }, health: "starting" },
    { title: "both tunnels up", tunnels: [up, up], routing: "vti", view: {}, health: "ok" },
    { title: "one of them not proven to pass", tunnels: [up, unproven], routing: "vti", view: {}, health: "ok" },
    { title: "one up", tunnels: [up, down], routing: "vti", view: {}, health: "degraded" },
    { title: "one proven dead", tunnels: [up, dead], routing: "vti", view: {}, health: "degraded" },
    { title: "both proven dead", tunnels: [dead, dead], routing: "vti", view: {}, health: "down" },
    { title: "both down", tunnels: [down, down], routing: "vti", view: {}, health: "down" },
    {
      title: "both down, and still time to come up",
      tunnels: [down, down],
      routing: "vti",
      view: { settled: false },
      health: "starting",
    },
    { title: "policy, one up: that is all there should be", tunnels: [up, down], routing: "policy", view: {}, health: "ok" },
    { title: "policy, none up", tunnels: [down, down], routing: "policy", view: {}, health: "down" },
    { title: "no details", tunnels: [down, down], routing: null, view: { planned: false }, health: "waiting" },
    {
      title: "no details yet, and no time gone",
      tunnels: [down, down],
      routing: null,
      view: { planned: false, settled: false },
      health: "waiting",
    },
    {
      title: "no details, and both still up from before",
      tunnels: [up, up],
      routing: null,
      view: { planned: false },
      health: "ok",
    },
    { title: "no tunnels at all", tunnels: [], routing: null, view: { planned: false }, health: "waiting" },
  ])("$title: $health", ({ tunnels, routing, view, health }) => {
    expect(connectionHealth({ tunnels, routing }, { ...inForce, ...view })).toBe(health);
  });
});

describe("the gateway in one word", () => {
  it.each<{ connections: ConnectionHealth[]; status: string }>([
    { connections: [], status: "starting" },
    { connections: ["ok"], status: "ok" },
    { connections: ["ok", "ok"], status: "ok" },
    { connections: ["ok", "down"], status: "degraded" },
    { connections: ["ok", "waiting"], status: "degraded" },
    { connections: ["ok", "starting"], status: "degraded" },
    { connections: ["degraded"], status: "degraded" },
    { connections: ["degraded", "down"], status: "degraded" },
    { connections: ["starting"], status: "starting" },
    { connections: ["starting", "down"], status: "starting" },
    { connections: ["starting", "waiting"], status: "starting" },
    { connections: ["waiting"], status: "down" },
    { connections: ["waiting", "down"], status: "down" },
    { connections: ["down", "down"], status: "down" },
  ])("$connections is $status", ({ connections, status }) => {
    expect(overallHealth(connections)).toBe(status);
  });
});
