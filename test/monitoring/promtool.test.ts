import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it, vi } from "vitest";
import { temporaryDirectory } from "../lib/support.ts";
import { textsOf } from "./support.ts";
import { uncommented } from "./uncommented.ts";

const PROMTOOL = "/usr/bin/promtool";
const isThere = existsSync(PROMTOOL);
const mustBeThere = process.env.CI !== undefined || process.env.SPACEGATE_REAL !== undefined;
const MISSING = `${PROMTOOL} is missing: install the package prometheus, or run without CI and SPACEGATE_REAL.`;

// A run of all cases takes seconds.
vi.setConfig({ testTimeout: 60_000 });

/** Writes the files, as `change` alters them, and asks promtool. */
const promtool = async (
  argv: readonly string[],
  change: (texts: Record<string, string>) => Record<string, string> = (texts) => texts,
) => {
  const cwd = await temporaryDirectory();
  const texts = change(await textsOf());
  await Promise.all(Object.entries(texts).map(([name, text]) => writeFile(join(cwd, name), text)));
  return execa(PROMTOOL, argv, { cwd, reject: false, all: true, env: { LC_ALL: "C" } });
};

const TEST_RULES = ["test", "rules", "spacegate.rules.test.yml"];

const withRules =
  (change: (rules: string) => string) =>
  (texts: Record<string, string>): Record<string, string> => {
    const [before = "", name] = [texts["spacegate.rules.yml"], "spacegate.rules.yml"];
    const after = change(before);
    // A change that changes nothing would prove nothing.
    expect(after).not.toBe(before);
    return { ...texts, [name]: after };
  };

it.runIf(mustBeThere)("promtool is at hand, where it is asked for", () => {
  expect(isThere, MISSING).toBe(true);
});

describe.skipIf(!isThere)(`Prometheus' own promtool (${isThere ? PROMTOOL : MISSING})`, () => {
  it("takes the rules, without a lint finding", async () => {
    const { all, exitCode } = await promtool(["check", "rules", "--lint=all", "--lint-fatal", "spacegate.rules.yml"]);
    expect([exitCode, all]).toEqual([0, expect.stringContaining("SUCCESS")]);
  });

  it("takes the scrape configuration with the rules it names", async () => {
    const { all, exitCode } = await promtool(["check", "config", "prometheus.yml"]);
    expect([exitCode, all]).toEqual([0, expect.stringContaining("1 rule files found")]);
  });

  it("takes what the scrape configuration offers in comments", async () => {
    const { all, exitCode } = await promtool(["check", "config", "--syntax-only", "prometheus.yml"], (texts) => {
      const text = uncommented(texts["prometheus.yml"] ?? "");
      for (const key of ["scheme", "tls_config", "authorization"]) expect(text).toMatch(new RegExp(`^ {4}${key}:`, "m"));
      return { ...texts, "prometheus.yml": text };
    });
    expect([exitCode, all]).toEqual([0, expect.stringContaining("SUCCESS")]);
  });

  it("finds that every alert fires in its case, and in no other", async () => {
    const { all, exitCode } = await promtool(TEST_RULES);
    expect([exitCode, all]).toEqual([0, expect.stringContaining("SUCCESS")]);
  });

  it.each([
    ["an alert that never fires", (text: string) => text.replace('code=\\"tunnel-down\\"', 'code=\\"bogus\\"')],
    ["an alert that fires for another's warning", (text: string) => text.replace('code=\\"tunnel-down\\"', 'tunnel=\\"2\\"')],
    ["alerts that do not wait", (text: string) => text.replaceAll(/for: \d+m/g, "for: 0m")],
    ["an alert that waits too long", (text: string) => text.replace("for: 1m", "for: 3m")],
    ["an alert of another severity", (text: string) => text.replace("severity: critical", "severity: warning")],
    ["an alert with another text", (text: string) => text.replace("A tunnel is down:", "Something happened:")],
  ])("would notice %s", async (_, change) => {
    const { all, exitCode } = await promtool(TEST_RULES, withRules(change));
    expect([exitCode, all]).toEqual([1, expect.stringContaining("FAILED")]);
  });
});
