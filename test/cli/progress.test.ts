import { describe, expect, test } from "vitest";
import { LineProgress } from "../../agent/cli/progress.ts";

const on = (stream: { isTTY?: boolean; columns?: number }) => {
  const written: string[] = [];
  const progress = new LineProgress({ ...stream, write: (text) => written.push(text) });
  return { progress, written };
};

describe("progress into a file", () => {
  test("is a line for each change, with the time", () => {
    const { progress, written } = on({});
    for (const [text, ms] of [
      ["pending", 0],
      ["pending", 1000],
      ["active", 72_000],
    ] as const)
      progress.show(text, ms);
    progress.end();
    expect(written).toEqual(["pending (0s)\n", "active (1m 12s)\n"]);
  });
});

describe("progress on a terminal", () => {
  test("stays in one line, which goes away before anything else is said", () => {
    const { progress, written } = on({ isTTY: true, columns: 80 });
    progress.show("pending", 0);
    progress.show("pending", 1000);
    progress.say("done");
    expect(written).toEqual(["\r\u001B[2Kpending (0s)", "\r\u001B[2Kpending (1s)", "\r\u001B[2K", "done\n"]);
  });

  test.each([20, 40, 80, 0])("never wraps at %i columns, and keeps the time", (columns) => {
    const { progress, written } = on({ isTTY: true, columns });
    progress.show("a long message of the provider ".repeat(10), 61_000);
    const line = (written[0] ?? "").slice("\r\u001B[2K".length);
    expect(line.length).toBeLessThan(columns || 80);
    expect(line).toMatch(/…? \(1m 1s\)$/);
  });

  test("shows nothing that a terminal would obey", () => {
    const { progress, written } = on({ isTTY: true, columns: 80 });
    progress.show("bad\u001B[31m\nwords\u202E", 0);
    expect(written[0]).toBe("\r\u001B[2Kbad [31m words (0s)");
  });
});
