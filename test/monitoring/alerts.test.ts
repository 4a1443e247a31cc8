import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { WARNINGS } from "../../agent/health/warnings.ts";
import { parseDuration } from "../../agent/lib/duration.ts";
import { alertsFor, PATIENCE } from "../../agent/monitoring/alerts.ts";
import { OPTIONS, textsOf } from "./support.ts";

const ALERTS = alertsFor(WARNINGS, "spacegate");

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const rulesOf = async (): Promise<readonly Rule[]> => {
  const { groups } = parse((await textsOf())["spacegate.rules.yml"] ?? "") as { groups: [{ rules: Rule[] }] };
  return groups[0].rules;
};

describe("the alerts", () => {
  it("are one for each declared warning, in its order, and two for the agent itself", () => {
    expect(ALERTS.map(({ code }) => code)).toEqual([...WARNINGS.map(({ code }) => code), "agent-down", "agent-absent"]);
    expect(new Set(ALERTS.map(({ name }) => name)).size).toBe(ALERTS.length);
  });

  it("are named after their code", () => {
    expect(ALERTS.find(({ code }) => code === "tunnel-not-passing")?.name).toBe("SpacegateTunnelNotPassing");
  });

  it("have the severity of their warning", async () => {
    const severities = (await rulesOf()).slice(0, WARNINGS.length).map(({ labels }) => labels.severity);
    expect(severities).toEqual(WARNINGS.map(({ severity }) => severity));
  });

  it("wait for longer than a minute's trouble, the less severe the longer", () => {
    const holds = (severity: string) =>
      ALERTS.filter((alert) => alert.severity === severity).map(({ hold }) => parseDuration(hold) ?? 0);
    expect(Math.min(...holds("critical"))).toBeGreaterThanOrEqual(60_000);
    expect(Math.min(...holds("warning"))).toBeGreaterThan(60_000);
    expect(Math.min(...holds("info"))).toBeGreaterThan(Math.min(...holds("warning")));
  });

  it("have patience only with warnings that exist", () => {
    expect(WARNINGS.map(({ code }) => code)).toEqual(expect.arrayContaining(Object.keys(PATIENCE)));
  });

  it("say what is wrong and where, what to do, and lead to an anchor that the runbook has", async () => {
    const anchors = [...((await textsOf())["runbook.md"] ?? "").matchAll(/^## (.+)$/gm)].map(([, anchor]) => anchor);
    for (const { alert, annotations } of await rulesOf()) {
      expect(Object.keys(annotations)).toEqual(["summary", "description", "runbook_url"]);
      expect(annotations.summary, alert).toMatch(/\{\{ \$labels\.(instance|job) \}\}/);
      const [base, anchor] = annotations.runbook_url?.split("#") ?? [];
      expect([base, anchors.includes(anchor)]).toEqual([OPTIONS.runbook, true]);
    }
  });

  it("describe each warning with the advice that README.md has for it", async () => {
    const rules = await rulesOf();
    for (const [index, { advice }] of WARNINGS.entries()) expect(rules[index]?.annotations.description).toContain(advice);
  });

  it("name connection and tunnel where there is one", async () => {
    const summary = (await rulesOf()).find(({ alert }) => alert === "SpacegateTunnelDown")?.annotations.summary;
    expect(summary).toBe(
      "A tunnel is down: {{ $labels.space }}/{{ $labels.connection }} tunnel {{ $labels.tunnel }} on {{ $labels.instance }}",
    );
  });
});
