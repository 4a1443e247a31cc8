import { describe, expect, it } from "vitest";
import type { Clock } from "../../agent/lib/clock.ts";
import { Drain } from "../../agent/loop/drain.ts";
import { logLines } from "../lib/support.ts";

/** Time that a test lets pass. */
class StoppedClock implements Clock {
  ms = 0;
  readonly #sleepers: { readonly until: number; readonly wake: () => void; readonly signal: AbortSignal | undefined }[] = [];

  now(): number {
    return 1_700_000_000_000 + this.ms;
  }

  monotonic(): number {
    return this.ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#sleepers.push({ until: this.ms + ms, wake: resolve, signal });
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  }

  async pass(ms: number): Promise<void> {
    this.ms += ms;
    for (const { until, wake } of this.#sleepers) if (until <= this.ms) wake();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const setUp = () => {
  const clock = new StoppedClock();
  const seen: (boolean | undefined)[] = [];
  const drain: Drain = new Drain({ clock, log: logLines(), onChange: () => seen.push(drain.state?.closed) });
  return { clock, drain, seen };
};

describe("a drain", () => {
  it("is announced first, and then closes", async () => {
    const { clock, drain, seen } = setUp();
    expect([drain.state, drain.closed]).toEqual([undefined, false]);
    const now = clock.now();
    drain.begin(30_000);
    expect(drain.state).toEqual({ since: now, closesAt: now + 30_000, closed: false });
    await clock.pass(29_999);
    expect(drain.closed).toBe(false);
    await clock.pass(1);
    expect([drain.closed, seen]).toEqual([true, [false, true]]);
  });

  it("goes by the newest word, and stays closed", async () => {
    const { clock, drain } = setUp();
    const since = clock.now();
    drain.begin(30_000);
    await clock.pass(20_000);
    drain.begin(60_000);
    await clock.pass(20_000);
    expect(drain.state).toEqual({ since, closesAt: since + 80_000, closed: false });
    await clock.pass(40_000);
    drain.begin(60_000);
    expect(drain.closed).toBe(true);
  });

  it("is over when it is cancelled, before and after it has closed", async () => {
    const { clock, drain, seen } = setUp();
    drain.begin(1000);
    drain.cancel();
    await clock.pass(5000);
    expect(drain.state).toBeUndefined();
    drain.begin(1000);
    await clock.pass(1000);
    drain.cancel();
    drain.cancel();
    expect([drain.closed, seen]).toEqual([false, [false, undefined, false, true, undefined]]);
  });

  it("closes nothing while the agent ends", async () => {
    const { clock, drain } = setUp();
    drain.begin(1000);
    drain.stop();
    await clock.pass(1000);
    expect(drain.closed).toBe(false);
  });
});
