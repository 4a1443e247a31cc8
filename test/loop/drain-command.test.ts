import { describe, expect, it } from "vitest";
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

/** The agent as the command sees it, one snapshot a look; the last one stays. */
const setUp = (...snapshots: Status[]) => {
  const told: string[] = [];
  const controller = new AbortController();
  const deps = {
    status: async () => (snapshots.length > 1 ? (snapshots.shift() as Status) : (snapshots[0] as Status)),
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
