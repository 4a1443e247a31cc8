import { describe, expect, it } from "vitest";
import { Finder } from "../../agent/bundle/finder.ts";

const finder = new Finder([
  ["secret", "short"],
  ["secret-longer", "long"],
  ["other", "other"],
]);

describe("a finder", () => {
  it("tells what it found, and where", () => {
    expect(finder.find("a secret, and other")).toEqual([
      { start: 2, end: 8, what: "short" },
      { start: 14, end: 19, what: "other" },
    ]);
  });

  it("takes the longer of two words that begin alike", () => {
    expect(finder.find("secret-longer secret-long").map(({ what }) => what)).toEqual(["long", "short"]);
  });

  it("finds at the very end, twice, and side by side", () => {
    expect(finder.find("secretsecretother")).toHaveLength(3);
    expect(finder.find("secre")).toEqual([]);
    expect(finder.find("")).toEqual([]);
  });

  it("looks through megabytes for thousands of words in less than three seconds", () => {
    const many = new Finder(Array.from({ length: 20_000 }, (_, number) => [`word-${number * 7919}-x`, number] as const));
    const text = "an ordinary line of a log about nothing in particular\n".repeat(40_000);
    const began = performance.now();
    expect(many.find(`${text}word-7919-x`)).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(3000);
  });
});
