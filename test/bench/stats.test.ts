import { describe, expect, it } from "vitest";
import { mean, median, quantile, rounded } from "./stats.ts";

describe("median", () => {
  it("is the middle sample, whatever the order", () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it("is between the two in the middle", () => {
    expect(median([4, 1, 2, 100])).toBe(3);
  });

  it("is nothing without samples", () => {
    expect(median([])).toBeNaN();
  });
});

describe("quantile", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it("is a sample that this share does not exceed", () => {
    expect([0.5, 0.99, 1].map((share) => quantile(hundred, share))).toEqual([50, 99, 100]);
  });

  it("of one sample is that one", () => {
    expect(quantile([7], 0.99)).toBe(7);
  });
});

it("mean and rounded do what they say", () => {
  expect(rounded(mean([1, 2, 2]), 2)).toBe(1.67);
});
