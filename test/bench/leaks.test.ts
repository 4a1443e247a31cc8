import { describe, expect, it } from "vitest";
import { grown, type Holdings } from "./leaks.ts";

const HELD: Holdings = { children: 2, sockets: 9, openFiles: 30, ikeSas: 1, childSas: 1, routes: 8, rules: 4 };

describe("grown", () => {
  it("names each count that has grown, with both numbers", () => {
    expect(grown(HELD, { ...HELD, sockets: 12, rules: 5 })).toEqual(["sockets 9 -> 12", "rules 4 -> 5"]);
  });

  it("says nothing of what stayed or shrank", () => {
    expect(grown(HELD, { ...HELD, children: 1 })).toEqual([]);
  });
});
