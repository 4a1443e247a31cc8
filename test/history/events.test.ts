import { describe, expect, it } from "vitest";
import { advance, type HistoryMemory, NO_MEMORY } from "../../agent/history/events.ts";
import { recall } from "../../agent/history/recall.ts";
import { type HistoryEvent, historyEventSchema } from "../../agent/model/history.ts";
import type { ConnectionStatus, Reason, Status, TunnelStatus } from "../../agent/model/status.ts";
import { AT, connectionStatus, gatewayStatus, tunnelStatus, WARNING } from "../expose/support.ts";

const NO_ANSWER: Reason = { code: "no-answer-500", text: "34.203.187.158 does not answer on UDP 500.", fix: "Open UDP 500." };
const UP = tunnelStatus(1);
const UP_2 = tunnelStatus(2);
const GONE: Partial<TunnelStatus> = { ike: "NONE", child: "NONE", passing: false };
const SILENT: Partial<TunnelStatus> = { passing: false };

/** A status `seconds` after the beginning, with no warning but those that are given. */
const second = (seconds: number, connection: Partial<ConnectionStatus>, changes: Partial<Status> = {}): Status => {
  const status = connection.status ?? "ok";
  return gatewayStatus({
    ...{ at: AT + seconds * 1000, warnings: [], connections: [connectionStatus({ tunnels: [UP, UP_2], ...connection, status })] },
    ...changes,
  });
};

/** What is told of statuses that follow each other, as "second code[/tunnel]: text". */
const tell = (statuses: readonly Status[], from: HistoryMemory = NO_MEMORY): string[] => {
  let memory = from;
  return statuses.flatMap((status) => {
    const next = advance(memory, status);
    memory = next.memory;
    for (const event of next.events) expect(historyEventSchema.parse(event)).toEqual(event);
    return next.events.map(
      ({ at, code, tunnel, text }) => `${(at - AT) / 1000} ${code}${tunnel === undefined ? "" : `/${tunnel}`}: ${text}`,
    );
  });
};

/** What is remembered after these statuses. */
const remember = (...statuses: readonly Status[]): HistoryMemory =>
  statuses.reduce((memory, status) => advance(memory, status).memory, NO_MEMORY);

const WELL = second(0, {});
const before = remember(WELL);

describe("the tunnels' events", () => {
  it("tell that they come up, and nothing before a first pass", () => {
    const early = { ...second(0, { status: "starting", tunnels: [tunnelStatus(1, GONE), tunnelStatus(2, GONE)] }), ready: false };
    expect(tell([early, second(1, {}), second(2, {})])).toEqual([
      "1 tunnel-up/1: Tunnel 1 is up.",
      "1 tunnel-up/2: Tunnel 2 is up.",
    ]);
  });

  it("tell a dead carrier, where traffic went, why, and how long it lasted", () => {
    const statuses = [
      second(10, { status: "degraded", carrier: 2, tunnels: [tunnelStatus(1, SILENT), UP_2] }),
      second(16, { status: "degraded", carrier: 2, tunnels: [tunnelStatus(1, GONE), UP_2] }),
      second(20, { status: "degraded", carrier: 2, tunnels: [tunnelStatus(1, { ...GONE, reason: NO_ANSWER }), UP_2] }),
      second(73, { carrier: 2 }),
      second(133, { carrier: 1 }),
    ];
    expect(tell(statuses, before)).toEqual([
      "10 tunnel-silent/1: Tunnel 1 is up but passes nothing.",
      "10 carrier-moved/2: Traffic moved from tunnel 1 to tunnel 2. Tunnel 1 passed nothing.",
      "16 tunnel-down/1: Tunnel 1 is down.",
      "20 tunnel-reason/1: Why tunnel 1 is down: 34.203.187.158 does not answer on UDP 500.",
      "73 tunnel-up/1: Tunnel 1 is well again after 1m 3s.",
      "133 carrier-moved/1: Traffic moved from tunnel 2 to tunnel 1.",
    ]);
  });

  it("call a tunnel that is rebuilt and still passes nothing neither well nor dead anew", () => {
    const built = (seconds: number) => tunnelStatus(1, { passing: null, since: AT + seconds * 1000 });
    const statuses = [10, 20, 30].flatMap((seconds) => [
      second(seconds, { status: "degraded", tunnels: [tunnelStatus(1, SILENT), UP_2] }),
      second(seconds + 5, { status: "degraded", tunnels: [tunnelStatus(1, GONE), UP_2] }),
      second(seconds + 6, { status: "ok", tunnels: [built(seconds + 6), UP_2] }),
    ]);
    expect(tell(statuses, before)).toEqual([
      "10 tunnel-silent/1: Tunnel 1 is up but passes nothing.",
      "15 tunnel-down/1: Tunnel 1 is down.",
    ]);
  });

  it("believe a tunnel that nothing can prove once it has been up for ten seconds", () => {
    const dead = second(10, { status: "degraded", tunnels: [tunnelStatus(1, GONE), UP_2] });
    const idle = tunnelStatus(1, { passing: null, since: AT + 12_000 });
    const statuses = [dead, second(13, { tunnels: [idle, UP_2] }), second(22, { tunnels: [idle, UP_2] })];
    expect(tell(statuses, before).slice(1)).toEqual(["22 tunnel-up/1: Tunnel 1 is well again after 12s."]);
  });

  it("say that a tunnel does not come up once there is a reason", () => {
    const tunnels = (reason: Reason | null) => [UP, tunnelStatus(2, { ...GONE, reason })];
    const statuses = [
      second(0, { status: "starting", tunnels: tunnels(null) }),
      second(5, { status: "degraded", tunnels: tunnels(NO_ANSWER) }),
      second(6, { status: "degraded", tunnels: tunnels(NO_ANSWER) }),
      second(9, {}),
    ];
    expect(tell(statuses)).toEqual([
      "0 tunnel-up/1: Tunnel 1 is up.",
      "5 tunnel-down/2: Tunnel 2 does not come up. 34.203.187.158 does not answer on UDP 500.",
      "9 tunnel-up/2: Tunnel 2 is up.",
    ]);
  });

  it("mark charon's own words as such", () => {
    const reason = { code: "unknown", text: "establishing CHILD_SA 'x' failed", fix: "See charon's log." };
    const status = second(5, { status: "degraded", tunnels: [tunnelStatus(1, { ...GONE, reason }), UP_2] });
    expect(tell([status], before)).toEqual(["5 tunnel-down/1: Tunnel 1 is down. charon says: establishing CHILD_SA 'x' failed."]);
  });

  it("tell each rotation", () => {
    const known = remember(second(0, { tunnels: [tunnelStatus(1, { pskFingerprint: "aaa" }), UP_2] }));
    const statuses = [
      second(1, { tunnels: [tunnelStatus(1, { pskFingerprint: "bbb" }), UP_2] }),
      second(2, { tunnels: [tunnelStatus(1, { pskFingerprint: "bbb" }), tunnelStatus(2, { address: "34.0.0.1" })] }),
      second(3, { tunnels: [tunnelStatus(1, { address: "" }), tunnelStatus(2, { address: "34.0.0.1" })] }),
    ];
    expect(tell(statuses, known)).toEqual([
      "1 rotated/1: Heroku gave tunnel 1 a new PSK.",
      "2 rotated/2: Heroku moved tunnel 2 from 34.227.70.143 to 34.0.0.1.",
    ]);
  });
});

describe("with policy routing", () => {
  const policy = (
    carrier: 1 | 2,
    one: Partial<TunnelStatus>,
    two: Partial<TunnelStatus>,
    status: ConnectionStatus["status"],
  ) => ({
    ...{ routing: "policy" as const, carrier, status },
    tunnels: [tunnelStatus(1, one), tunnelStatus(2, two)],
  });
  const known = remember(second(0, policy(1, {}, GONE, "ok")));

  it("the tunnel that stands by is no event, and a move is an outage of a moment", () => {
    const statuses = [
      second(10, policy(2, SILENT, GONE, "down")),
      second(10.1, policy(2, GONE, GONE, "down")),
      second(10.3, policy(2, GONE, {}, "ok")),
    ];
    expect(tell(statuses, known)).toEqual([
      "10 tunnel-silent/1: Tunnel 1 is up but passes nothing.",
      "10 carrier-moved/2: Traffic moved from tunnel 1 to tunnel 2. Tunnel 1 passed nothing.",
      "10 outage-began: No tunnel carries traffic.",
      "10.3 tunnel-up/2: Tunnel 2 is up.",
      "10.3 outage-ended: Traffic passes again after 0.3 s.",
    ]);
  });

  it("traffic that is led to and fro while nothing passes is told once, when it passes again", () => {
    const failed = { ...GONE, reason: NO_ANSWER };
    const wandering = Array.from({ length: 50 }, (_, round) =>
      second(11 + round, policy(round % 2 === 0 ? 1 : 2, failed, failed, "down")),
    );
    const statuses = [second(10, policy(1, GONE, GONE, "down")), ...wandering, second(70, policy(2, GONE, {}, "ok"))];
    expect(tell(statuses, known)).toEqual([
      "10 tunnel-down/1: Tunnel 1 is down.",
      "10 outage-began: No tunnel carries traffic.",
      "11 tunnel-reason/1: Why tunnel 1 is down: 34.203.187.158 does not answer on UDP 500.",
      "12 tunnel-down/2: Tunnel 2 does not come up. 34.203.187.158 does not answer on UDP 500.",
      "70 tunnel-up/2: Tunnel 2 is up.",
      "70 carrier-moved/2: Traffic moved from tunnel 1 to tunnel 2.",
      "70 outage-ended: Traffic passes again after 1m.",
    ]);
  });
});

describe("the other events", () => {
  it("an outage has a length, and lasts until packets pass", () => {
    const dead = { status: "down", tunnels: [tunnelStatus(1, GONE), tunnelStatus(2, GONE)] } as const;
    const unproven = tunnelStatus(1, { passing: null, since: AT + 30_000 });
    const statuses = [
      second(10, dead),
      second(30, { status: "degraded", tunnels: [unproven, tunnelStatus(2, GONE)] }),
      second(31, {}),
    ];
    const told = tell(statuses, before).filter((line) => line.includes("outage"));
    expect(told).toEqual(["10 outage-began: No tunnel carries traffic.", "31 outage-ended: Traffic passes again after 21s."]);
  });

  it("a warning is told when it is shown and when it is cleared; the tunnels' own are told by their events", () => {
    const refused = { ...WARNING, code: "settings-refused", title: "The settings file was refused", text: "Line 3." };
    const { connection: _connection, tunnel: _tunnel, ...host } = refused;
    const statuses = [second(1, {}, { warnings: [WARNING, host] }), second(2, {}, { warnings: [host] }), second(65, {})];
    expect(tell(statuses, before)).toEqual([
      "1 warning-shown: The settings file was refused: Line 3.",
      "65 warning-cleared: No longer: The settings file was refused.",
    ]);
  });

  it("a drill of this run is told once, one of an earlier run not at all", () => {
    const drill = { space: "acme-space", connection: "office", tunnel: 1 as const, outageS: 0.42, restoredS: 12 };
    const old = { ...drill, at: AT - 3_600_000 };
    const fresh = { ...drill, at: AT + 5000 };
    const statuses = [second(1, {}, { drills: [old] }), second(8, {}, { drills: [fresh] }), second(9, {}, { drills: [fresh] })];
    expect(tell(statuses, before)).toEqual([
      "5 drill/1: Drill: tunnel 1 was taken down on purpose; 0.4 s without an answer, up again after 12s.",
    ]);
  });

  it("a provider's message of any length stays an event that can be read back", () => {
    const reason = { ...NO_ANSWER, text: "x".repeat(5000) };
    const status = second(3, { status: "degraded", tunnels: [tunnelStatus(1, { ...GONE, reason }), UP_2] });
    const [event] = advance(before, status).events;
    expect(event?.text.length).toBe(600);
    expect(historyEventSchema.safeParse(event).success).toBe(true);
  });
});

describe("over a restart", () => {
  const eventsOf = (statuses: readonly Status[]): HistoryEvent[] => {
    let memory = NO_MEMORY;
    return statuses.flatMap((status) => {
      const next = advance(memory, status);
      memory = next.memory;
      return next.events;
    });
  };
  const dead = { status: "down", tunnels: [tunnelStatus(1, GONE), tunnelStatus(2, GONE)] } as const;
  const refused = { ...WARNING, code: "source-failed", title: "Heroku's details cannot be fetched", tunnel: undefined };
  const { tunnel: _tunnel, ...warning } = refused;
  const kept = eventsOf([WELL, second(10, { ...dead }, { warnings: [warning] })]);

  it("what goes on is not told anew", () => {
    expect(tell([second(60, { ...dead }, { warnings: [warning] })], recall(kept))).toEqual([]);
  });

  it("what an earlier run saw begin ends, with its whole length", () => {
    expect(tell([second(100, {})], recall(kept))).toEqual([
      "100 tunnel-up/1: Tunnel 1 is well again after 1m 30s.",
      "100 tunnel-up/2: Tunnel 2 is well again after 1m 30s.",
      "100 outage-ended: Traffic passes again after 1m 30s.",
      "100 warning-cleared: No longer: Heroku's details cannot be fetched.",
    ]);
  });

  it("tunnels that stayed up are no event, and the carrier is remembered", () => {
    const moved = eventsOf([WELL, second(5, { carrier: 2 })]);
    expect(tell([second(60, { carrier: 2 })], recall(moved))).toEqual([]);
    expect(tell([second(60, { carrier: 1 })], recall(moved))).toEqual([
      "60 carrier-moved/1: Traffic moved from tunnel 2 to tunnel 1.",
    ]);
  });
});
