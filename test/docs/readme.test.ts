import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { settingsReference, withReference } from "./settings-reference.ts";

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
  it("holds the settings reference that the schema gives", async () => {
    const text = await readFile(new URL("../../README.md", import.meta.url), "utf8");
    expect(text, "stale: run node test/docs/settings-reference.ts --write").toBe(withReference(text));
  });

  it.each([
    ["no markers", "# x\n"],
    ["no end", "<!-- settings:begin -->"],
    ["a wrong order", "<!-- settings:end -->\n<!-- settings:begin -->"],
    ["two blocks", "<!-- settings:begin --><!-- settings:end --><!-- settings:begin --><!-- settings:end -->"],
  ])("is refused with %s", (_, text) => {
    expect(() => withReference(text)).toThrow("README.md needs one line <!-- settings:begin -->");
  });

  it("keeps what is around the reference", () => {
    const text = withReference("above\n<!-- settings:begin -->\nold\n<!-- settings:end -->\nbelow\n");
    expect(text).toBe(`above\n<!-- settings:begin -->\n${settingsReference()}\n<!-- settings:end -->\nbelow\n`);
  });
});
