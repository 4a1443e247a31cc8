import { readFile } from "node:fs/promises";
import { documentedMetrics } from "../../docs/documented-metrics.ts";
import { type Dashboard, dashboardSchema } from "../../monitoring/dashboard-model.ts";
import { programCommand, type RawSettings } from "../agent.ts";
import { check, checkEqual, waitUntil } from "../check.ts";
import { untilCarrier } from "../failover.ts";
import type { Lab } from "../lab.ts";
import { type Alerting, Prometheus } from "../prometheus.ts";
import { quick, startSteady } from "../steady.ts";
import type { Scenario } from "./scenario.ts";

const OUT = "/run/prometheus";
const README = new URL("../../../README.md", import.meta.url);

const withTorilabs = (settings: RawSettings): RawSettings => ({ ...quick(settings), metrics: { torilabs_names: true } });

/** `spacegate monitoring`, with scrapes each second; what it wrote is kept, and so searched for secrets. */
const writeFiles = async (lab: Lab): Promise<void> => {
  const argv = programCommand("monitoring", "--out", OUT, "--interval", "1s", "--json");
  const { stdout } = await lab.processes.run(lab.gateway.inside(argv));
  const { files } = JSON.parse(stdout) as { readonly files: readonly { readonly path: string }[] };
  for (const { path } of files) lab.processes.keep("monitoring", await lab.gateway.read(path));
};

const untilScraped = (prometheus: Prometheus): Promise<void> =>
  waitUntil("five scrapes of the agent", 30, async () => {
    const [scrapes] = await prometheus.query("sum_over_time(up[5m])");
    return Number(scrapes?.value) >= 5 ? { done: true, value: undefined } : { done: false, seen: JSON.stringify(scrapes) };
  });

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

/** No link is declared here, and what has no series Prometheus does not know. */
const isOfTunnels = (query: string): boolean => !query.includes("spacegate_privatelink_");

/** What the agent exports, what Prometheus took in, and what the README tells of are the same. */
const checkDocumented = async (lab: Lab, prometheus: Prometheus): Promise<void> => {
  const documented = sorted(documentedMetrics(await readFile(README, "utf8")));
  const text = (await lab.http("/metrics"))?.body ?? "";
  checkEqual(sorted([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name)), documented, "metrics and README.md");
  const taken = await prometheus.labelValues("__name__", '{__name__=~"(spacegate|strongswan)_.+"}');
  checkEqual(sorted(taken), documented.filter(isOfTunnels), "metrics in Prometheus and README.md");
  lab.findings.notes.push(`${documented.length} metrics, each in README.md and in Prometheus`);
  const [drill] = await prometheus.query("spacegate_drill_outage_seconds");
  checkEqual(drill?.value, "NaN", "what Prometheus has for a drill that never was");
};

/** Fills the dashboard's variables with what Prometheus has for them, as Grafana does. */
const chosen = async (dashboard: Dashboard, prometheus: Prometheus): Promise<(query: string) => string> => {
  const values = new Map<string, string>([["__rate_interval", "5s"]]);
  const fill = (query: string): string => query.replace(/\$(\w+)/g, (_, name: string) => values.get(name) ?? "");
  for (const { name, type, query } of dashboard.templating.list) {
    if (type !== "query") continue;
    const [, selector = "", label = ""] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
    const found = await prometheus.labelValues(label, fill(selector));
    check(found.length > 0, `the dashboard's variable ${name} should have values`);
    values.set(name, found.join("|"));
  }
  return fill;
};

const checkDashboard = async (lab: Lab, prometheus: Prometheus): Promise<void> => {
  const dashboard = dashboardSchema.parse(JSON.parse(await lab.gateway.read(`${OUT}/spacegate-dashboard.json`)));
  const fill = await chosen(dashboard, prometheus);
  const panels = dashboard.panels.flatMap((panel) => (panel.type === "row" ? [] : panel.targets.map(({ expr }) => expr)));
  const queries = panels.filter(isOfTunnels);
  // What came with the cut may be younger than the newest step of the range.
  for (const query of queries.map(fill))
    await waitUntil(`an answer to the dashboard's query ${query}`, 5, async () => {
      const { length } = await prometheus.query(query);
      return length > 0 ? { done: true, value: undefined } : { done: false, seen: "no series" };
    });
  lab.findings.notes.push(`${queries.length} queries of the dashboard, each answered`);
};

const nameOf = ({ labels }: Alerting): string => [labels.alertname, labels.tunnel].filter(Boolean).join(" ");

/** Waits until one of the alerts is there, and throws when another one is. */
const untilAlert = async (lab: Lab, prometheus: Prometheus, wanted: readonly string[], also: readonly string[]) => {
  const seen = await waitUntil(`the alert ${wanted.join(" or ")}`, 40, async () => {
    const names = (await prometheus.alerts()).map(nameOf);
    return names.some((name) => wanted.includes(name)) ? { done: true, value: names } : { done: false, seen: names.join(", ") };
  });
  const others = seen.filter((name) => ![...wanted, ...also].includes(name));
  checkEqual(others, [], "alerts that have nothing to do with it");
  lab.findings.notes.push(`alerts after the cut: ${seen.join(", ")}`);
};

/** With VTI a cut tunnel is an alert; with policy routing the other one takes its place, and only both are. */
const cutAndLook = async (lab: Lab, prometheus: Prometheus): Promise<void> => {
  lab.progress("cutting tunnel 1");
  await lab.cut(1);
  const about = (tunnel: 1 | 2): string[] => [`SpacegateTunnelDown ${tunnel}`, `SpacegateTunnelNotPassing ${tunnel}`];
  if (lab.routing === "vti") return untilAlert(lab, prometheus, about(1), []);
  await untilCarrier(lab, 2);
  lab.progress("cutting tunnel 2 as well");
  await lab.cut(2);
  return untilAlert(lab, prometheus, ["SpacegateConnectionDown"], [...about(1), ...about(2)]);
};

export const monitoring: Scenario = {
  name: "monitoring",
  title:
    "A real Prometheus takes the generated files, answers every query of the dashboard about tunnels, and a cut tunnel is the right alert",
  engines: ["native", "uml", "libipsec"],
  run: async (lab) => {
    await startSteady(lab, withTorilabs);
    await writeFiles(lab);
    lab.progress("starting Prometheus with the generated files");
    const prometheus = await Prometheus.start(lab, OUT);
    try {
      await untilScraped(prometheus);
      await checkDocumented(lab, prometheus);
      checkEqual((await prometheus.alerts()).map(nameOf), [], "alerts while all is well");
      await cutAndLook(lab, prometheus);
      lab.progress("asking every query of the dashboard");
      await checkDashboard(lab, prometheus);
    } finally {
      await prometheus.stop();
    }
  },
};
