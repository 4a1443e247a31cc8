import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { appOf } from "../expose/app.ts";
import { documentedMetrics } from "./documented-metrics.ts";

/** What /metrics says to somebody who asked for everything there is. */
const metrics = async (): Promise<string> => {
  const app = appOf({ shownSas: () => [] });
  return (await app.inject({ url: "/metrics", headers: { host: "127.0.0.1" } })).body;
};

it("README.md tells of every metric that /metrics has, and of no other", async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const names = [...(await metrics()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(40);
  expect(documentedMetrics(readme).sort()).toEqual(names.sort());
});
