import { describe, expect, it } from "vitest";
import { StickyAnswers } from "../../agent/loop/sticky-answers.ts";
import { ManualClock } from "../lib/support.ts";

const setUp = () => {
  const clock = new ManualClock();
  const sticky = new StickyAnswers(clock);
  const look = (passes: boolean, siblingPasses: boolean) => sticky.look("one", passes, () => siblingPasses);
  /** Its sibling begins to pass while it is on trial. */
  const guilty = (): number | undefined => {
    sticky.begin("one");
    return look(false, true);
  };
  return { clock, sticky, look, guilty };
};

describe("a tunnel that is taken down because neither passes", () => {
  it("is on trial until its sibling passes, and rests then", () => {
    const { sticky, look } = setUp();
    sticky.begin("one");
    expect(look(false, false)).toBeUndefined();
    expect([sticky.isOnTrial("one"), sticky.isSuspected("one"), sticky.rests("one")]).toEqual([true, false, false]);
    expect(look(false, true)).toBe(20_000);
    expect([sticky.isOnTrial("one"), sticky.isSuspected("one"), sticky.rests("one")]).toEqual([false, true, true]);
  });

  it("is not to blame when its sibling passes only later", () => {
    const { sticky, look, clock } = setUp();
    sticky.begin("one");
    clock.ms += 1999;
    look(false, false);
    expect(sticky.isOnTrial("one")).toBe(true);
    clock.ms += 1;
    look(false, false);
    expect(sticky.isOnTrial("one")).toBe(false);
    expect(look(false, true)).toBeUndefined();
    expect(sticky.isSuspected("one")).toBe(false);
  });

  it("rests for 20 s, and twice as long after each trial that ends the same way, an hour at most", () => {
    const { sticky, clock, guilty } = setUp();
    const rests = Array.from({ length: 10 }, () => (guilty() ?? 0) / 1000);
    expect(rests).toEqual([20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
    clock.ms += 3_599_999;
    expect(sticky.rests("one")).toBe(true);
    clock.ms += 1;
    expect(sticky.rests("one")).toBe(false);
    expect(sticky.isSuspected("one")).toBe(true);
  });

  it("is cleared of everything once it passes", () => {
    const { sticky, look, guilty } = setUp();
    guilty();
    guilty();
    look(true, true);
    expect([sticky.isSuspected("one"), sticky.rests("one")]).toEqual([false, false]);
    expect(guilty()).toBe(20_000);
  });

  it("is judged by itself", () => {
    const { sticky, guilty } = setUp();
    guilty();
    expect([sticky.isSuspected("two"), sticky.rests("two"), sticky.isOnTrial("two")]).toEqual([false, false, false]);
  });
});
