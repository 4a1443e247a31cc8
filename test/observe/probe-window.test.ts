import { describe, expect, it } from "vitest";
import { NO_VERDICT, ProbeWindow } from "../../agent/observe/probe-window.ts";

const verdictAfter = (...results: (number | null)[]) => {
  const window = new ProbeWindow(3);
  for (const result of results) window.add(result);
  return window.verdict();
};

const many = <T>(count: number, value: T): T[] => Array<T>(count).fill(value);

describe("a window of probes", () => {
  it("proves nothing while it is empty", () => {
    expect(verdictAfter()).toEqual(NO_VERDICT);
  });

  it.each([
    ["one answer", [5], true],
    ["a miss before any answer", [null], null],
    ["two misses before any answer", [null, null], null],
    ["three misses in a row", [null, null, null], false],
    ["two misses after an answer", [5, null, null], true],
    ["three misses after an answer", [5, null, null, null], false],
    ["misses that are not in a row", [5, null, null, 5, null, null], true],
    ["one answer after many misses", [...many(50, null), 5], true],
    ["a silence longer than the window", [5, ...many(200, null)], false],
  ])("%s: passing is %j", (_what, results, passing) => {
    expect(verdictAfter(...results).passing).toBe(passing);
  });

  it("has the newest round trip, also while nothing answers", () => {
    expect(verdictAfter(5, 7, null, null, null).rttMs).toBe(7);
  });

  it("has the share of lost ones among the newest hundred", () => {
    expect(verdictAfter(5, null, 5, null).lossRatio).toBe(0.5);
    expect(verdictAfter(...many(100, null), ...many(75, 5)).lossRatio).toBe(0.25);
    expect(verdictAfter(...many(500, null), ...many(100, 5)).lossRatio).toBe(0);
  });

  it.each([
    ["misses before the first answer", [null, null, 5, 5], { sent: 2, lost: 0 }],
    ["misses in between", [5, null, null, 5], { sent: 4, lost: 2 }],
    ["an outage", [5, null, null, null, null, 5, null], { sent: 2, lost: 1 }],
    ["more than it remembers", [...many(150, 5), null, 5], { sent: 100, lost: 1 }],
  ])("counts what was lost since the tunnel began to pass: %s", (_what, results, counted) => {
    expect(verdictAfter(...results)).toMatchObject(counted);
  });
});
