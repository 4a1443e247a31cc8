import { expect, it } from "vitest";
import { backoffDelay } from "../../agent/lib/backoff.ts";

const options = { firstMs: 1000, maxMs: 30_000, jitter: 0.2, random: () => 0 };

it("doubles up to its limit", () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((attempt) => backoffDelay(attempt, options))).toEqual([
    1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
  ]);
});

it("stays at its limit after more tries than a number has bits", () => {
  expect([1000, 1e9].map((attempt) => backoffDelay(attempt, options))).toEqual([30_000, 30_000]);
});

it("is spread downwards only, so that the limit holds", () => {
  expect([0, 0.5, 1].map((random) => backoffDelay(6, { ...options, random: () => random }))).toEqual([30_000, 27_000, 24_000]);
});
