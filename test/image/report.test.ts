import { describe, expect, it } from "vitest";
import type { ScenarioResult } from "../lab/events.ts";
import type { ImageCheck } from "./checks/check.ts";
import { lineOf, table } from "./report.ts";

const checkCalled = (name: string, title: string): ImageCheck => ({ name, title, run: async () => {} });
const result: ScenarioResult = { scenario: "reboot", engine: "native", seconds: 61.04, notes: ["61 s", "0 lost"] };

describe("what is said of a check", () => {
  it("has what was measured below its outcome", () => {
    expect(lineOf(result)).toBe("passed: reboot (61.0 s)\n         61 s\n         0 lost");
  });

  it("has what does not hold below that", () => {
    expect(lineOf({ ...result, notes: [], error: "2 pings lost" })).toBe("FAILED: reboot (61.0 s)\n         2 pings lost");
  });
});

describe("the table", () => {
  const wanted = [checkCalled("reboot", "It comes back"), checkCalled("ports", "Nothing is open")];

  it("has a line for each check that was wanted, also for one that was not run", () => {
    expect(table(wanted, [result]).split("\n")).toEqual([
      "| check | result | measured |",
      "|---|---|---|",
      "| It comes back | passed | 61 s; 0 lost |",
      "| Nothing is open | not run |  |",
    ]);
  });

  it("keeps a failure of several lines in one cell", () => {
    expect(table(wanted, [{ ...result, notes: [], error: "a|b\nc" }])).toContain("| It comes back | FAILED | a\\|b c |");
  });
});
