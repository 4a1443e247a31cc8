import { describe, expect, it } from "vitest";
import { formatDuration, lasted, parseDuration } from "../../agent/lib/duration.ts";

describe("parseDuration", () => {
  it.each([
    ["0s", 0],
    ["200ms", 200],
    ["1.5s", 1500],
    ["10m", 600_000],
    ["8h", 28_800_000],
    ["1d", 86_400_000],
  ])("reads %s", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(["", "5", "s", "5 s", "-5s", "5S", ".5s", "5.s", "1h30m", "1e3s", "5s\n", "Infinitys", "5w"])("refuses %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe("formatDuration", () => {
  it.each([
    [0, "0s"],
    [999, "0s"],
    [45_000, "45s"],
    [192_000, "3m 12s"],
    [7_500_000, "2h 5m"],
    [3_605_000, "1h"],
    [363_600_000, "4d 5h"],
    [86_400_000, "1d"],
    [-5000, "0s"],
    [Number.NaN, "0s"],
  ])("says %d ms as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe("how long something lasted", () => {
  it("has tenths of a second while it is short", () => {
    expect([lasted(0), lasted(340), lasted(9_940), lasted(10_000), lasted(72_000)]).toEqual([
      "0.0 s",
      "0.3 s",
      "9.9 s",
      "10s",
      "1m 12s",
    ]);
  });
});
