import { describe, expect, it } from "vitest";
import { WARNINGS } from "../../agent/health/warnings.ts";
import { alertsFor } from "../../agent/monitoring/alerts.ts";
import { casesFor, type RuleCase } from "../../agent/monitoring/cases.ts";

const ALERTS = alertsFor(WARNINGS, "spacegate");
const CASES = casesFor({ declared: WARNINGS, alerts: ALERTS, job: "spacegate" });

const firing = ({ expect: expectations }: RuleCase): string[] => [
  ...new Set(expectations.filter(({ fires }) => fires !== undefined).map(({ alert }) => alert)),
];

describe("the cases", () => {
  it("have one for each alert in which it alone fires", () => {
    const loud = CASES.map(firing).filter((names) => names.length > 0);
    expect(loud).toEqual(ALERTS.map(({ name }) => [name]));
  });

  it("ask, when an alert fires, for every other one too", () => {
    for (const one of CASES.filter((candidate) => firing(candidate).length > 0)) {
      const due = one.expect.find(({ fires }) => fires !== undefined)?.at;
      expect(one.expect.filter(({ at }) => at === due).map(({ alert }) => alert)).toEqual(ALERTS.map(({ name }) => name));
    }
  });

  it("ask for every alert when nothing may fire", () => {
    const quiet = CASES.filter((candidate) => firing(candidate).length === 0);
    expect(quiet.map(({ name }) => name)).toEqual([
      "All is well: nothing fires",
      "Every warning flaps, for a second at a time: nobody is paged",
      "The agent is restarted again and again: nobody is paged",
      "A gateway is drained, rebooted and serves again: nobody is paged",
    ]);
    for (const { expect: expectations } of quiet)
      expect(new Set(expectations.map(({ alert }) => alert))).toEqual(new Set(ALERTS.map(({ name }) => name)));
  });

  it("put in every warning, and in a warning's own case that one alone holds", () => {
    for (const { code } of WARNINGS) {
      const name = ALERTS.find((alert) => alert.code === code)?.name;
      const own = CASES.find((candidate) => firing(candidate)[0] === name);
      const samples = own?.input.filter(({ series }) => series.startsWith("spacegate_warning_active{")) ?? [];
      expect(samples).toHaveLength(WARNINGS.length);
      expect(samples.filter(({ values }) => / 1x/.test(values)).map(({ series }) => series)).toEqual([
        expect.stringContaining(`code="${code}"`),
      ]);
    }
  });
});
