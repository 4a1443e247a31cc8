import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { firstBootSchema } from "../../agent/model/first-boot.ts";
import { parseSettings } from "../../agent/settings/parse.ts";
import { documentedMetrics } from "./documented-metrics.ts";
import { anchors, fencedBlocks, generatedBlock, inlineCode } from "./markdown.ts";

const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");

const CONNECTION = "connections: [{ space: acme-space, name: office, local: { subnets: [172.16.0.0/16] } }]";

const reference = generatedBlock(readme, "settings");
/** Of lists without their marks. */
const settingsKeys = [...reference.matchAll(/^\| `([^`]+)`/gm)].map(([, key = ""]) => key.replaceAll("[]", ""));
const sections = [...new Set(settingsKeys.flatMap((key) => key.split(".").slice(0, -1)))];

describe("README.md", () => {
  it("shows settings that are right", () => {
    const samples = fencedBlocks(readme, "yaml");
    expect(samples.length).toBeGreaterThan(1);
    for (const sample of samples) {
      if (/^token:/m.test(sample)) firstBootSchema.parse(parse(sample));
      else parseSettings(/^connections:/m.test(sample) ? sample : `${sample}${CONNECTION}\n`, "README.md");
    }
  });

  it("names settings that there are", () => {
    const prose = readme.replace(reference, "").replaceAll("[]", "");
    const named = prose.match(new RegExp(`(?<![\\w./-])(?:${sections.join("|")})(?:\\.[a-z_]+)+`, "g")) ?? [];
    expect(named).toEqual(expect.arrayContaining(["steering.prefer", "local.subnets", "listen.tls"]));
    expect(named.filter((name) => !settingsKeys.some((key) => key === name || key.endsWith(`.${name}`)))).toEqual([]);
  });

  it("names metrics that there are", () => {
    const named = inlineCode(readme).flatMap((code) => /^spacegate_\w+/.exec(code)?.[0] ?? []);
    expect(documentedMetrics(readme)).toEqual(expect.arrayContaining(named));
  });

  it("leads to headings that it has", () => {
    const targets = [...readme.matchAll(/\]\(#([^)]+)\)/g)].map(([, target]) => target);
    expect(targets.length).toBeGreaterThan(20);
    expect(anchors(readme)).toEqual(expect.arrayContaining(targets));
  });
});
