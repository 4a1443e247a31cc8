import { beforeEach, describe, expect, it } from "vitest";
import { BringUp, type Initiator } from "../../agent/apply/bring-up.ts";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { lastedLine } from "../../agent/model/attempt-line.ts";
import { logLines, ManualClock, refused } from "./support.ts";

type Call = Parameters<Initiator["initiate"]>[0] & { readonly succeed: () => void; readonly fail: (why: unknown) => void };

/** A charon that gives its verdict when the test says so. */
const hesitantCharon = () => {
  const calls: Call[] = [];
  const vici: Initiator = {
    initiate: (options) =>
      new Promise((resolve, reject) => {
        calls.push({ ...options, succeed: resolve, fail: reject });
      }),
  };
  const last = (): Call => {
    const call = calls.at(-1);
    if (!call) throw new Error("nothing was initiated");
    return call;
  };
  return { calls, vici, last };
};

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const setUp = () => {
  const charon = hesitantCharon();
  const clock = new ManualClock();
  const log = logLines();
  const verdicts: string[] = [];
  const backoff = { firstMs: 1000, maxMs: 30_000, jitter: 0, random: () => 0 };
  const bringUp = new BringUp({ vici: charon.vici, clock, log, backoff, onVerdict: (conn) => verdicts.push(conn) });
  const start = (conn = "vpn1") => bringUp.start(conn, async () => {});
  const end = async (act: (call: Call) => void): Promise<void> => {
    act(charon.last());
    await settled();
  };
  return { ...charon, clock, log, verdicts, bringUp, start, end };
};

let up: ReturnType<typeof setUp>;

beforeEach(() => {
  up = setUp();
});

describe("bringing a tunnel up", () => {
  it("makes nobody wait", () => {
    expect(up.start()).toBeUndefined();
    expect(up.bringUp.attempts()).toEqual({
      vpn1: { inFlight: true, startedAt: 1000, notBefore: 0, failures: 0, failure: "", lines: [], failureLines: [] },
    });
    expect(up.last()).toMatchObject({ ike: "vpn1", child: "vpn1", timeoutMs: 10_000 });
  });

  it("takes in what is said of it elsewhere, while it is under way", async () => {
    up.bringUp.hear("vpn1", "alert: too-early");
    up.start();
    up.bringUp.hear("vpn1", "alert: ts-mismatch");
    await up.end((call) => call.fail(refused("establishing CHILD_SA 'vpn1' failed")));
    up.bringUp.hear("vpn1", "alert: too-late");
    expect(up.bringUp.attempts().vpn1).toMatchObject({
      lines: ["alert: ts-mismatch", lastedLine(0)],
      failureLines: ["alert: ts-mismatch", lastedLine(0)],
    });
  });

  it("is kept with how long it lasted", async () => {
    up.start();
    up.clock.ms += 3054;
    await up.end((call) => call.fail(refused("establishing CHILD_SA 'vpn1' failed")));
    expect(up.bringUp.attempts().vpn1?.failureLines).toEqual([lastedLine(3054)]);
  });

  it("is tried once at a time for a tunnel, and for all tunnels at the same time", () => {
    up.start("vpn1");
    up.start("vpn1");
    up.start("vpn2");
    expect(up.calls.map(({ ike }) => ike)).toEqual(["vpn1", "vpn2"]);
  });

  it("that succeeds is forgotten, noted, and told", async () => {
    const noted: string[] = [];
    up.bringUp.start("vpn1", async () => void noted.push("up"));
    await up.end((call) => call.succeed());
    expect([up.bringUp.attempts(), noted, up.verdicts, up.log.lines]).toEqual([{}, ["up"], ["vpn1"], []]);
  });

  it("that succeeds but cannot be noted is no failure of the tunnel", async () => {
    up.bringUp.start("vpn1", () => Promise.reject(new Error("ENOSPC: no space left on device")));
    await up.end((call) => call.succeed());
    expect([up.bringUp.attempts(), up.verdicts]).toEqual([{}, ["vpn1"]]);
    expect(up.log.lines).toEqual([expect.stringContaining("vpn1 is up, but that could not be noted: ENOSPC")]);
  });

  it("that fails is told, and waits longer each time before it is tried again", async () => {
    const waits: number[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      up.start();
      await up.end((call) => call.fail(refused("establishing CHILD_SA 'vpn1' failed")));
      const { notBefore = 0, failures } = up.bringUp.attempts().vpn1 ?? {};
      waits.push(notBefore - up.clock.ms);
      expect(failures).toBe(turn + 1);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect(up.verdicts).toHaveLength(7);
  });

  it("remembers charon's reason, or the error's own words where there is none", async () => {
    up.start();
    await up.end((call) => call.fail(refused("establishing CHILD_SA 'vpn1' failed")));
    expect(up.bringUp.attempts().vpn1?.failure).toBe("establishing CHILD_SA 'vpn1' failed");
    expect(up.log.lines[0]).toContain("vpn1 did not come up: establishing CHILD_SA 'vpn1' failed");
    up.start();
    await up.end((call) => call.fail(new SpacegateError("COMMAND_TIMEOUT", "charon did not answer", { fix: "" })));
    expect(up.bringUp.attempts().vpn1?.failure).toBe("charon did not answer");
  });

  it("keeps the reason of the last failure while it is tried again", async () => {
    up.start();
    await up.end((call) => call.fail(refused("no")));
    up.start();
    expect(up.bringUp.attempts().vpn1).toMatchObject({ inFlight: true, failures: 1, failure: "no" });
  });

  it("keeps charon's newest forty lines about the try", async () => {
    up.start();
    for (let line = 1; line <= 50; line += 1) up.last().onLog(`line ${line}`);
    await up.end((call) => call.fail(refused("no")));
    const { lines = [] } = up.bringUp.attempts().vpn1 ?? {};
    expect([lines[0], lines.at(-2)]).toEqual(["line 11", "line 50"]);
    up.start();
    expect(up.bringUp.attempts().vpn1?.lines).toEqual([]);
  });
});

describe("starting anew", () => {
  const failBoth = async () => {
    for (const conn of ["vpn1", "vpn2"]) {
      up.start(conn);
      await up.end((call) => call.fail(refused("no")));
    }
  };

  it("forgets every failure", async () => {
    await failBoth();
    up.bringUp.reset();
    expect(up.bringUp.attempts()).toEqual({});
  });

  it("forgets one tunnel's failures when one is named", async () => {
    await failBoth();
    up.bringUp.reset("vpn1");
    expect(Object.keys(up.bringUp.attempts())).toEqual(["vpn2"]);
  });

  it("lets a try that is under way go on, and counts its failure as the first", async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      up.start();
      await up.end((call) => call.fail(refused("no")));
    }
    up.start();
    up.bringUp.reset();
    up.start();
    expect(up.calls).toHaveLength(6);
    await up.end((call) => call.fail(refused("no")));
    expect(up.bringUp.attempts().vpn1).toMatchObject({ failures: 1, notBefore: up.clock.ms + 1000 });
  });
});
