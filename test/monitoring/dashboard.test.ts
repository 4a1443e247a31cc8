import { describe, expect, it } from "vitest";
import { Metrics } from "../../agent/expose/metrics.ts";
import { WARNINGS } from "../../agent/health/warnings.ts";
import { gatewayStatus } from "../expose/support.ts";
import { type Dashboard, dashboardSchema } from "./dashboard-model.ts";
import { textsOf } from "./support.ts";

const TEXT = (await textsOf())["spacegate-dashboard.json"] ?? "";
const DASHBOARD: Dashboard = dashboardSchema.parse(JSON.parse(TEXT));
const TARGETS = DASHBOARD.panels.flatMap((panel) => (panel.type === "row" ? [] : panel.targets));
const QUERIES = TARGETS.map(({ expr }) => expr);
const VARIABLES = DASHBOARD.templating.list;

const METRICS = await new Metrics(WARNINGS).text(gatewayStatus());
const EXISTING = new Set([...METRICS.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
const LABELS = new Set([...METRICS.matchAll(/[{,](\w+)="/g)].map(([, label]) => label));

const overlap = (a: Dashboard["panels"][number]["gridPos"], b: typeof a): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

describe("the dashboard", () => {
  it("is refused by its model with a key that Grafana does not know", () => {
    const [first, ...rest] = DASHBOARD.panels;
    expect(dashboardSchema.safeParse({ ...DASHBOARD, panels: [{ ...first, colour: "red" }, ...rest] }).success).toBe(false);
    expect(dashboardSchema.safeParse({ ...DASHBOARD, id: 7 }).success).toBe(false);
  });

  it("numbers its panels, each once", () => {
    expect(DASHBOARD.panels.map(({ id }) => id)).toEqual(DASHBOARD.panels.map((_, index) => index + 1));
  });

  it("has no panel upon another", () => {
    const { panels } = DASHBOARD;
    const pairs = panels.flatMap((one, index) => panels.slice(index + 1).map((other) => [one, other] as const));
    expect(pairs.filter(([one, other]) => overlap(one.gridPos, other.gridPos)).map(([one, other]) => [one.id, other.id])).toEqual(
      [],
    );
  });

  it("names the queries of each panel apart", () => {
    for (const panel of DASHBOARD.panels) {
      const ids = panel.type === "row" ? [] : panel.targets.map(({ refId }) => refId);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it("asks only for metrics that exist", () => {
    const names = [...QUERIES, ...VARIABLES.map(({ query }) => query)].flatMap((query) => query.match(/\bspacegate_\w+/g) ?? []);
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !EXISTING.has(name))).toEqual([]);
  });

  it("writes legends from labels that exist", () => {
    const used = TARGETS.flatMap(({ legendFormat }) => [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label));
    expect([...new Set(used)].filter((label) => label !== "instance" && !LABELS.has(label ?? ""))).toEqual([]);
  });

  it("uses only variables that it has, or that Grafana has", () => {
    const known = [...VARIABLES.map(({ name }) => name), "__rate_interval"];
    const used = [...TEXT.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name).filter((name) => name !== "__all");
    expect([...new Set(used)].sort()).toEqual(known.sort());
  });

  it("follows the chosen gateway in every query", () => {
    expect(QUERIES.filter((query) => !query.includes('instance=~"$instance"'))).toEqual([]);
  });
});
