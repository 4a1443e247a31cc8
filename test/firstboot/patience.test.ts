import { describe, expect, it } from "vitest";
import { keepTrying } from "../../agent/firstboot/patience.ts";
import { type Patience, Trouble } from "../../agent/firstboot/trouble.ts";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { ManualClock } from "../lib/support.ts";

const ERROR = new SpacegateError("FIRST_BOOT_REFUSED", "It does not work.", { fix: "Make it work." });

const setUp = (waitMs: number) => {
  const clock = new ManualClock();
  const said: string[] = [];
  const controller = new AbortController();
  const pace = {
    ...{ clock, random: () => 0, signal: controller.signal, waitMs, begun: clock.monotonic() },
    say: (text: string) => void said.push(text),
  };
  return { clock, said, controller, pace };
};

const failing = (patience: Patience, times = Number.POSITIVE_INFINITY) => {
  let left = times;
  return async (): Promise<string> => {
    left -= 1;
    if (left >= 0) throw new Trouble(patience, ERROR);
    return "done";
  };
};

describe("keepTrying", () => {
  it("waits longer each time, and says once what it waits for", async () => {
    const { clock, said, pace } = setUp(60_000);
    await expect(keepTrying(pace, failing("long", 4))).resolves.toBe("done");
    expect([clock.monotonic() - pace.begun, said]).toEqual([500 + 1000 + 2000 + 4000, ["It does not work. Trying again."]]);
  });

  it.each([
    ["none", 0, "FIRST_BOOT_REFUSED"],
    ["short", 30_000, "FIRST_BOOT_REFUSED"],
    ["long", 300_000, "FIRST_BOOT_TIMEOUT"],
  ] as const)("gives up what has patience %s after %d ms at most: %s", async (patience, limitMs, code) => {
    const { clock, pace } = setUp(300_000);
    await expect(keepTrying(pace, failing(patience))).rejects.toMatchObject({ code, fix: ERROR.fix });
    expect(clock.monotonic() - pace.begun).toBeLessThanOrEqual(limitMs);
    expect(clock.monotonic() - pace.begun).toBeGreaterThanOrEqual(limitMs - 10_000);
  });

  it("shares its time with what was tried before, for what may take long", async () => {
    const { clock, pace } = setUp(60_000);
    clock.ms += 59_800;
    await expect(keepTrying(pace, failing("long"))).rejects.toMatchObject({ code: "FIRST_BOOT_TIMEOUT" });
    await expect(keepTrying(pace, failing("short", 1))).resolves.toBe("done");
  });

  it("passes on what is no trouble of AWS's", async () => {
    const { pace } = setUp(60_000);
    await expect(keepTrying(pace, () => Promise.reject(new TypeError("a bug")))).rejects.toThrow("a bug");
  });

  it("stops when it is told to", async () => {
    const { pace, controller } = setUp(60_000);
    controller.abort(new Error("stop"));
    await expect(keepTrying(pace, failing("long"))).rejects.toThrow("stop");
  });
});
