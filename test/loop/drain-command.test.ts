import { describe, expect, it } from "vitest";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { runDrain } from "../../agent/loop/drain-command.ts";
import type { Draining } from "../../agent/model/drain.ts";
import type { Status } from "../../agent/model/status.ts";
import { connectionStatus, gatewayStatus, tunnelStatus } from "../expose/support.ts";
import { ManualClock } from "../lib/support.ts";

const GONE = { ike: "NONE", child: "NONE" };

const statusOf = (state: Pick<Draining, "closed"> | undefined, ...tunnels: Status["connections"][number]["tunnels"]): Status =>
  gatewayStatus({
    connections: [connectionStatus({ tunnels })],
    ...(state ? { draining: { since: 1, closesAt: 2, ...state } } : {}),
  });

const UP = [tunnelStatus(1), tunnelStatus(2)];
const CLOSED = [tunnelStatus(1, GONE), tunnelStatus(2, GONE)];

const SILENT = new SpacegateError("NOT_RUNNING", "The agent does not answer: timeout", { fix: "systemctl start spacegate" });
const silent = (times: number): SpacegateError[] => Array.from({ length: times }, () => SILENT);

/** The agent as the command sees it, one snapshot or none a look; the last one stays. */
const setUp = (...snapshots: (Status | SpacegateError)[]) => {
  const told: string[] = [];
  const controller = new AbortController();
  const deps = {
    status: async () => {
      const next = snapshots.length > 1 ? snapshots.shift() : snapshots[0];
      if (!next || next instanceof SpacegateError) throw next ?? SILENT;
      return next;
    },
    begin: async (ms: number) => void told.push(`begin ${ms}`),
    cancel: async () => void told.push("cancel"),
    clock: new ManualClock(),
    signal: controller.signal,
    progress: (text: string) => void told.push(text),
  };
  return { deps, told, controller };
};

describe("spacegate drain", () => {
  it("waits until the tunnels that were up are closed", async () => {
    const draining = statusOf({ closed: false }, ...UP);
    const { deps, told } = setUp(
      statusOf(undefined, ...UP),
      draining,
      statusOf({ closed: true }, ...UP),
      statusOf({ closed: true }, ...CLOSED),
    );
    await expect(runDrain(30_000, deps)).resolves.toEqual({ draining: true, closed: 2 });
    expect(told).toEqual(["begin 30000", "Draining: /healthz answers 503 from now on, and the tunnels are closed in 30s."]);
  });

  it("bears answers that a busy machine loses", async () => {
    const { deps } = setUp(
      ...[statusOf(undefined, ...UP), ...silent(4), statusOf({ closed: false }, ...UP)],
      ...[...silent(4), statusOf({ closed: true }, ...CLOSED)],
    );
    await expect(runDrain(1000, deps)).resolves.toEqual({ draining: true, closed: 2 });
  });

  it("asks again when its order was not answered: a second one means the same", async () => {
    const { deps, told } = setUp(statusOf(undefined, ...UP), statusOf({ closed: true }, ...CLOSED));
    const orders = silent(2);
    const begin = async (ms: number): Promise<void> => {
      const lost = orders.pop();
      if (lost) throw lost;
      told.push(`begin ${ms}`);
    };
    await expect(runDrain(1000, { ...deps, begin })).resolves.toEqual({ draining: true, closed: 2 });
    expect(told[0]).toBe("begin 1000");
  });

  it("gives up on an agent that stays silent, and says how the tunnels come back", async () => {
    const { deps } = setUp(statusOf(undefined, ...UP), statusOf({ closed: true }, ...UP), SILENT);
    await expect(runDrain(1000, deps)).rejects.toMatchObject({
      code: "NOT_RUNNING",
      message: "The agent does not answer: timeout (asked 5 times)",
      fix: expect.stringContaining("--cancel"),
    });
  });

  it("does not ask twice where no agent runs", async () => {
    const { deps, told } = setUp(SILENT, statusOf(undefined, ...UP));
    await expect(runDrain(1000, deps)).rejects.toBe(SILENT);
    expect(told).toEqual([]);
  });

  it("fails when the agent serves again meanwhile", async () => {
    const { deps } = setUp(statusOf(undefined, ...UP));
    await expect(runDrain(1000, deps)).rejects.toMatchObject({
      code: "DRAIN_FAILED",
      message: expect.stringContaining("serves again"),
    });
  });

  it("names the tunnel that does not go", async () => {
    const stuck = statusOf({ closed: true }, tunnelStatus(1, GONE), tunnelStatus(2, { conn: "spacegate.acme-space.office.2" }));
    const { deps } = setUp(statusOf(undefined, ...UP), stuck);
    await expect(runDrain(0, deps)).rejects.toMatchObject({
      code: "DRAIN_FAILED",
      message: "Not closed after 20 s: spacegate.acme-space.office.2.",
    });
  });

  it("tells, when it is stopped, that the agent goes on", async () => {
    const { deps, controller } = setUp(statusOf(undefined, ...UP), statusOf({ closed: false }, ...UP));
    controller.abort();
    await expect(runDrain(1000, deps)).rejects.toMatchObject({ code: "INTERRUPTED", fix: expect.stringContaining("--cancel") });
  });
});
