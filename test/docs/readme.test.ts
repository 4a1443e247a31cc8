import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { withBlock, withReferences } from "./readme.ts";
import { settingsReference } from "./settings-reference.ts";

describe("the settings reference", () => {
  const rows = settingsReference()
    .split("\n")
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));

  it.each([
    ["`connections[].probe.interval`", "duration, between 50ms and 60s", "`200ms`", "Time between two probes of one tunnel."],
    ["`connections[].space`", "text", "required", "The Private Space's name. For example `acme-space`."],
    ["`listen.port`", "whole number, 1 to 65535", "`9747`", "The TCP port."],
    ["`log.level`", "`debug`, `info`, `warn`, `error`", "`info`", "The least severe message that is logged."],
  ])("has a row for %s", (...cells) => {
    expect(rows).toContainEqual(["", ...cells, ""]);
  });

  it("has four cells in every row", () => {
    for (const row of rows) expect(row).toHaveLength(6);
  });
});

describe("README.md", () => {
  it("holds the references that the code gives", async () => {
    const text = await readFile(new URL("../../README.md", import.meta.url), "utf8");
    expect(text, "stale: npm run docs").toBe(await withReferences(text));
  });

  it.each([
    ["no markers", "# x\n"],
    ["no end", "<!-- a:begin -->"],
    ["a wrong order", "<!-- a:end -->\n<!-- a:begin -->"],
    ["two blocks", "<!-- a:begin --><!-- a:end --><!-- a:begin --><!-- a:end -->"],
  ])("is refused with %s", (_, text) => {
    expect(() => withBlock(text, "a", "new")).toThrow("README.md needs one line <!-- a:begin -->");
  });

  it("keeps what is around a block", () => {
    const text = withBlock("above\n<!-- a:begin -->\nold\n<!-- a:end -->\nbelow\n", "a", "new");
    expect(text).toBe("above\n<!-- a:begin -->\nnew\n<!-- a:end -->\nbelow\n");
  });
});
