import { describe, expect, it } from "vitest";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { orInterrupted, Teller, waitFor } from "../../agent/lib/flow.ts";
import { failureOf, ManualClock } from "./support.ts";

const WAITING = { what: "the thing", pollMs: 10_000, tooLate: "PRIVATELINK_TIMEOUT" } as const;
const STORY = { state: "It is half done.", next: "Go on with: it" };
const aborted = AbortSignal.abort();
const never = new AbortController().signal;

const setup = (timeoutMs = 60_000) => {
  const clock = new ManualClock();
  const shown: string[] = [];
  const progress = { say: () => {}, show: (text: string, elapsedMs: number) => void shown.push(`${text} ${elapsedMs}`) };
  return { clock, shown, deps: { clock, progress, signal: never, timeoutMs } };
};

describe("waiting", () => {
  it("shows each second what it waits for, and looks at each poll", async () => {
    const { shown, deps } = setup();
    let looks = 0;
    const done = await waitFor(WAITING, async () => (++looks === 2 ? { done: "it" } : { seen: "not yet" }), deps);
    expect([done, looks, shown.length, shown[0], shown.at(-1)]).toEqual(["it", 2, 10, "not yet 0", "not yet 9000"]);
  });

  it("ends in time with the caller's own code", async () => {
    const { deps, clock } = setup(25_000);
    const error = await failureOf(() => waitFor(WAITING, async () => ({ seen: "not yet" }), deps));
    expect([error.code, error.message, clock.ms]).toEqual([
      "PRIVATELINK_TIMEOUT",
      "Waited 25s for the thing. Last seen: not yet",
      26_000,
    ]);
  });

  it("never sleeps for less than nothing", async () => {
    const { deps, clock } = setup();
    const slept: number[] = [];
    // A clock that runs on between two questions, as a real one does.
    const running = Object.assign(Object.create(clock), {
      monotonic: () => clock.ms++,
      sleep: async (ms: number) => {
        slept.push(ms);
        clock.ms += ms;
      },
    });
    let looks = 0;
    await waitFor(WAITING, async () => (++looks === 4 ? { done: 1 } : { seen: "" }), { ...deps, clock: running });
    expect(Math.min(...slept)).toBeGreaterThan(0);
  });
});

describe("what ended a flow", () => {
  it("is told with the state and the way to go on", async () => {
    const teller = new Teller();
    const job = async () => {
      teller.at(STORY);
      throw new SpacegateError("SOURCE_FORBIDDEN", "No.", { fix: "Ask." });
    };
    expect(await failureOf(() => teller.run(never, job))).toMatchObject({
      code: "SOURCE_FORBIDDEN",
      message: "No.\nIt is half done.",
      fix: "Ask.\nGo on with: it",
    });
  });

  it.each(["VPN_FAILED", "PRIVATELINK_FAILED"] as const)("is told otherwise when the other side gave up (%s)", async (code) => {
    const teller = new Teller();
    teller.at({ ...STORY, failed: { state: "It is broken.", next: "Begin anew" } });
    const job = async () => {
      throw new SpacegateError(code, "No.", { fix: "Hm." });
    };
    expect(await failureOf(() => teller.run(never, job))).toMatchObject({
      message: "No.\nIt is broken.",
      fix: "Hm.\nBegin anew",
    });
  });

  it("is INTERRUPTED when the person stopped it, with the story so far", async () => {
    const teller = new Teller();
    const fail = async () => Promise.reject(new Error("aborted"));
    expect(await failureOf(() => teller.run(aborted, fail))).toMatchObject({ message: "Stopped. Nothing was changed." });
    teller.at(STORY);
    expect(await failureOf(() => teller.run(aborted, fail))).toMatchObject({ code: "INTERRUPTED", fix: "Go on with: it" });
    expect(await failureOf(() => orInterrupted(aborted, STORY, fail))).toMatchObject({ message: "Stopped. It is half done." });
  });
});
