import { expect, it } from "vitest";
import { bringAbout } from "../../agent/loop/bring-about.ts";
import { ManualClock } from "../lib/support.ts";

/** A gateway that has nothing more to bring up after so many passes. */
const setUp = (enough: number) => {
  const told = { passes: 0 };
  const gateway = {
    settle: async () => {
      told.passes += 1;
    },
    canBringUpMore: () => told.passes < enough,
  };
  return { told, gateway, clock: new ManualClock() };
};

it.each([1, 3])("bringing everything about ends with pass %i when there is nothing more to bring up", async (enough) => {
  const { told, gateway, clock } = setUp(enough);
  await bringAbout(gateway, 30_000, clock);
  expect(told.passes).toBe(enough);
});

it("bringing everything about runs one pass, whatever the limit", async () => {
  const { told, gateway, clock } = setUp(9);
  await bringAbout(gateway, 0, clock);
  expect(told.passes).toBe(1);
});

it("bringing everything about ends with the limit", async () => {
  const { told, gateway, clock } = setUp(Number.POSITIVE_INFINITY);
  const before = clock.ms;
  await bringAbout(gateway, 1000, clock);
  expect([told.passes, clock.ms - before]).toEqual([5, 1000]);
});
