import { describe, expect, it } from "vitest";
import { buildReport, missingIn, type Numbers, table } from "./report.ts";

const OUTAGES = ["documented", "aws", "vti_200x3", "vti_100x2", "vti_delete", "policy_passive"];
const SCALE = [1, 100].map((connections) => ({
  connections,
  pass_ms: connections * 0.1,
  render_ms: 1,
  list_sas_ms: 1,
  scrape_ms: 1,
}));

const complete: Numbers = {
  ...Object.fromEntries(OUTAGES.map((name) => [name, [0.5, 0.7, 0.6]])),
  "libipsec.event_to_health_ms": [1, 2, 3],
  "libipsec.flip_ms": [1.234],
  "libipsec.cold_start_s": [2.5],
  rss_bundle_mb: [80.04],
  cpu_bundle_percent: [0.512],
};

const enough = { runs: 3, events: 3 };

describe("the report", () => {
  it("has the medians, the maxima and the number of runs", () => {
    const report = buildReport(complete, SCALE, enough);
    expect(report.outage_s.aws).toEqual({ median: 0.6, max: 0.7, runs: 3 });
    expect(report).toMatchObject({ event_to_health_ms: { p50: 2, p99: 3 }, flip_ms: 1.23, rss_mb: 80, cpu_percent: 0.51 });
    expect(missingIn(report)).toEqual([]);
  });

  it("has null for what was measured too rarely, and names it", () => {
    const report = buildReport({ ...complete, aws: [30] }, null, enough);
    expect(report.outage_s.aws).toBeNull();
    expect(missingIn(report)).toEqual(["outage_s.aws", "scale"]);
  });

  it("is null throughout when nothing was measured", () => {
    expect(missingIn(buildReport({}, null, enough))).toHaveLength(12);
  });
});

describe("the table", () => {
  it("tells the growth for each connection", () => {
    expect(table(complete, SCALE, "uml")).toContain("no-op pass at 1, 100 connections");
    expect(table(complete, SCALE, "uml")).toContain("100.0 us each from 1 to 100");
  });

  it("says what was not measured", () => {
    expect(table({}, null, "uml").match(/not measured/g)?.length).toBeGreaterThan(10);
  });
});
