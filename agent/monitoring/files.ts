import type { DeclaredWarning } from "../model/status.ts";
import { type Alert, alertsFor } from "./alerts.ts";
import { casesFor, type RuleCase, STEP } from "./cases.ts";
import { dashboardView } from "./dashboard.ts";
import { fill, fillJson, quoted, type TemplateName, type TemplateTexts } from "./fill.ts";

export interface MonitoringOptions {
  /** Where Prometheus reaches the agents: "host:port". */
  readonly targets: readonly string[];
  readonly job: string;
  /** Between two scrapes, as Prometheus writes it: "15s". */
  readonly interval: string;
  /** Where runbook.md can be read: alerts lead to its anchors. */
  readonly runbook: string;
}

export interface MonitoringFile {
  readonly name: string;
  readonly text: string;
}

const runbookUrl = ({ code }: Alert, { runbook }: MonitoringOptions): string => `${runbook}#${code}`;

const placeholder = (label: string): string => `{{ $labels.${label} }}`;

const annotations = (alert: Alert, options: MonitoringOptions, place: (label: string) => string) => ({
  summary: alert.summary(place),
  description: alert.description(place),
  runbook_url: runbookUrl(alert, options),
});

const alertView = (alert: Alert, options: MonitoringOptions) => {
  const { summary, description, runbook_url } = annotations(alert, options, placeholder);
  return {
    name: alert.name,
    expr: quoted(alert.expr),
    hold: alert.hold,
    severity: alert.severity,
    summary: quoted(summary),
    description: quoted(description),
    runbook_url: quoted(runbook_url),
  };
};

const caseView = ({ name, input, expect }: RuleCase, alerts: readonly Alert[], options: MonitoringOptions) => ({
  name: quoted(name),
  input: input.map(({ series, values }) => ({ series: quoted(series), values: quoted(values) })),
  expect: expect.map(({ at, alert, fires }) => {
    const spec = alerts.find((one) => one.name === alert);
    const expected =
      spec && fires ? [{ exp_labels: fires, exp_annotations: annotations(spec, options, (label) => fires[label] ?? "") }] : [];
    return { at, alert, expected: quoted(expected) };
  }),
});

const runbookView = (alerts: readonly Alert[]) => ({
  alerts: alerts.map(({ code, name, title, severity, hold, advice }) => ({ code, name, title, severity, hold, advice })),
});

const placeOf = (name: TemplateName): string => name.slice("monitoring/".length);

/** Every file for Prometheus and Grafana. Equal input gives equal texts. Throws TEMPLATE_INVALID. */
export const monitoringFiles = (
  texts: TemplateTexts,
  declared: readonly DeclaredWarning[],
  options: MonitoringOptions,
): readonly MonitoringFile[] => {
  const alerts = alertsFor(declared, options.job);
  const cases = casesFor({ declared, alerts, job: options.job });
  const file = (name: TemplateName, view: object, make = fill): MonitoringFile => ({
    name: placeOf(name),
    text: make(texts, name, view),
  });
  return [
    file("monitoring/prometheus.yml", {
      interval: options.interval,
      job: quoted(options.job),
      targets: quoted(options.targets),
    }),
    file("monitoring/spacegate.rules.yml", { alerts: alerts.map((alert) => alertView(alert, options)) }),
    file("monitoring/spacegate.rules.test.yml", {
      step: STEP,
      cases: cases.map((one) => caseView(one, alerts, options)),
    }),
    file("monitoring/spacegate-dashboard.json", dashboardView(), fillJson),
    file("monitoring/runbook.md", runbookView(alerts)),
  ];
};
