import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EVENTS_PATH } from "../../agent/history/event-log.ts";
import { openRecorder } from "../../agent/loop/history.ts";
import { connectionStatus, gatewayStatus, tunnelStatus } from "../expose/support.ts";
import { logLines, ManualClock, temporaryDirectory } from "../lib/support.ts";

const CONN = "sg-acme-space-office-1";

const whole = () =>
  gatewayStatus({ warnings: [], connections: [connectionStatus({ status: "ok", tunnels: [tunnelStatus(1), tunnelStatus(2)] })] });

const setUp = async () => {
  const root = await temporaryDirectory();
  const clock = new ManualClock();
  const open = async () => {
    const recorder = await openRecorder({ root, clock, log: logLines(), version: "1.2.3" });
    recorder.start();
    return recorder;
  };
  return { root, clock, open };
};

describe("the recorder", () => {
  it("writes down the run itself, and what the statuses tell, below the root", async () => {
    const { root, open } = await setUp();
    const recorder = await open();
    recorder.follower.status(whole());
    await recorder.stop();
    const codes = (await readFile(join(root, EVENTS_PATH), "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).code);
    expect(codes).toEqual(["agent-started", "tunnel-up", "tunnel-up", "agent-stopped"]);
  });

  it("tells after a restart how long the agent was away, and nothing of tunnels that stayed up", async () => {
    const { clock, open } = await setUp();
    const first = await open();
    first.follower.status(whole());
    await first.stop();
    clock.ms += 65_000;
    const second = await open();
    second.follower.status(whole());
    expect(second.history.events().slice(4)).toEqual([
      { at: clock.now(), code: "agent-started", text: "The agent started, version 1.2.3, after 1m 5s.", durationMs: 65_000 },
    ]);
    await second.stop();
  });

  it("tells that an agent before it was killed", async () => {
    const { open } = await setUp();
    const killed = await open();
    killed.follower.status(whole());
    await new Promise((resolve) => setTimeout(resolve, 100));
    const second = await open();
    expect(second.history.events().at(-1)?.text).toBe(
      "The agent started, version 1.2.3; the one before it ended without a word.",
    );
    await second.stop();
  });

  it("writes nothing for an agent that never started, because it could not serve", async () => {
    const { root, clock, open } = await setUp();
    const serving = await open();
    await openRecorder({ root, clock, log: logLines(), version: "1.2.3" });
    await serving.stop();
    expect((await readFile(join(root, EVENTS_PATH), "utf8")).trimEnd().split("\n")).toHaveLength(2);
  });

  it("keeps probes and states of the last hour", async () => {
    const { open } = await setUp();
    const { follower, history, stop } = await open();
    follower.status(whole());
    for (const rtt of [10, null, 30, 20]) follower.probe(CONN, rtt);
    expect(history.series(CONN).at(-1)).toEqual({ sent: 4, lost: 1, medianMs: 20, maxMs: 30, state: "carries" });
    await stop();
  });

  it("says nothing of tunnels before a first pass has finished", async () => {
    const { open } = await setUp();
    const { follower, history, stop } = await open();
    follower.status({ ...whole(), ready: false });
    expect([history.events().length, history.series(CONN).at(-1)?.state]).toEqual([1, null]);
    await stop();
  });
});
