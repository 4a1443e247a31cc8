import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { temporaryDirectory } from "../lib/support.ts";
import { spacegate } from "./support.ts";

const NAMES = ["prometheus.yml", "spacegate.rules.yml", "spacegate.rules.test.yml", "spacegate-dashboard.json", "runbook.md"];

describe("spacegate monitoring", () => {
  it("writes the files, needs neither root nor settings, and says how to check them", async () => {
    const out = await temporaryDirectory();
    const { exitCode, stdout, stderr } = await spacegate(["monitoring", "--out", out, "--target", "gateway.example:9747"]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    for (const name of NAMES) expect(stdout).toContain(`created    ${join(out, name)}\n`);
    expect(stdout).toContain(`promtool test rules ${join(out, "spacegate.rules.test.yml")}`);
    expect(parse(await readFile(join(out, "prometheus.yml"), "utf8"))).toMatchObject({
      scrape_configs: [{ static_configs: [{ targets: ["gateway.example:9747"] }] }],
    });
  });

  it("lists the files as JSON, and changes nothing when it runs again", async () => {
    const out = await temporaryDirectory();
    const list = async () => JSON.parse((await spacegate(["monitoring", "--out", out, "--json"])).stdout);
    expect(await list()).toEqual({ files: NAMES.map((name) => ({ path: join(out, name), change: "created" })) });
    expect(await list()).toEqual({ files: NAMES.map((name) => ({ path: join(out, name), change: "unchanged" })) });
  });

  it("refuses to replace a changed file unless --force says so", async () => {
    const out = await temporaryDirectory();
    await writeFile(join(out, "prometheus.yml"), "# mine\n");
    const refused = await spacegate(["monitoring", "--out", out]);
    expect([refused.exitCode, refused.stdout]).toEqual([1, ""]);
    expect(refused.stderr).toContain("(OUTPUT_EXISTS)");
    expect(await readFile(join(out, "prometheus.yml"), "utf8")).toBe("# mine\n");
    expect((await spacegate(["monitoring", "--out", out, "--force"])).exitCode).toBe(0);
  });

  it.each([
    ["without --out", []],
    ["with a target without a port", ["--out", "/nonexistent", "--target", "gateway.example"]],
    ["with a target that would break the file", ["--out", "/nonexistent", "--target", 'a"]:1\nx']],
    ["with a job that would break a query", ["--out", "/nonexistent", "--job", 'a"}']],
    ["with an interval that Prometheus does not know", ["--out", "/nonexistent", "--interval", "1.5s"]],
    ["with an interval in which a second could page somebody", ["--out", "/nonexistent", "--interval", "60s"]],
    ["with an interval of nothing", ["--out", "/nonexistent", "--interval", "0s"]],
    ["with a runbook that has an anchor already", ["--out", "/nonexistent", "--runbook", "a#b"]],
  ])("is wrong usage %s", async (_, args) => {
    const { exitCode, stdout } = await spacegate(["monitoring", ...args]);
    expect([exitCode, stdout]).toEqual([2, ""]);
  });
});
