import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { WARNINGS } from "../../agent/health/warnings.ts";
import { monitoringFiles } from "../../agent/monitoring/files.ts";
import { failureOf, temporaryDirectory } from "../lib/support.ts";
import { OPTIONS, templates, textsOf } from "./support.ts";

/** The built-in templates, but for one of the owner's. */
const withOwn = async (name: string, text: string) => {
  const own = await temporaryDirectory();
  await mkdir(join(own, "monitoring"));
  await writeFile(join(own, "monitoring", `${name}.hbs`), text);
  return monitoringFiles(await templates(own), WARNINGS, OPTIONS);
};

describe("the files", () => {
  it("are these", async () => {
    expect(Object.keys(await textsOf())).toEqual([
      "prometheus.yml",
      "spacegate.rules.yml",
      "spacegate.rules.test.yml",
      "spacegate-dashboard.json",
      "runbook.md",
    ]);
  });

  it("are the same each time", async () => {
    expect(await textsOf()).toEqual(await textsOf());
  });

  it("follow the job's name wherever it counts", async () => {
    const texts = await textsOf({ job: "vpn" });
    expect(parse(texts["prometheus.yml"] ?? "")).toMatchObject({ scrape_configs: [{ job_name: "vpn" }] });
    expect(texts["spacegate.rules.yml"]).toContain(String.raw`up{job=\"vpn\"} == 0`);
    expect(texts["spacegate.rules.test.yml"]).not.toContain(String.raw`job=\"spacegate\"`);
  });

  it("have every target, and the interval", async () => {
    const targets = ["a.example:9747", "[::1]:9747"];
    expect(parse((await textsOf({ targets, interval: "30s" }))["prometheus.yml"] ?? "")).toEqual({
      global: { evaluation_interval: "30s" },
      rule_files: ["spacegate.rules.yml"],
      scrape_configs: [{ job_name: "spacegate", scrape_interval: "30s", static_configs: [{ targets }] }],
    });
  });

  it("make alerts from the one metric that exports every warning", async () => {
    const names = (await textsOf())["spacegate.rules.yml"]?.match(/\bspacegate_\w+/g);
    expect([...new Set(names)]).toEqual(["spacegate_warning_active"]);
  });
});

describe("a template of the owner's", () => {
  it("takes the built-in one's place", async () => {
    const files = await withOwn("runbook.md", "{{#each alerts}}{{code}} {{/each}}");
    expect(files.find(({ name }) => name === "runbook.md")?.text).toMatch(new RegExp(`^${WARNINGS[0]?.code} .*agent-absent $`));
  });

  it.each([
    ["asks for what is not there", "runbook.md", "{{bogus}}"],
    ["is no template", "runbook.md", "{{#each alerts}}"],
  ])("that %s is refused by name", async (_, name, text) => {
    const error = await failureOf(() => withOwn(name, text));
    expect(error).toMatchObject({ code: "TEMPLATE_INVALID", message: expect.stringContaining(`monitoring/${name}.hbs`) });
  });

  it("of a dashboard that is no JSON is refused by name", async () => {
    expect(await failureOf(() => withOwn("spacegate-dashboard.json", "{"))).toMatchObject({
      code: "TEMPLATE_INVALID",
      message: expect.stringContaining("spacegate-dashboard.json.hbs"),
    });
  });
});
