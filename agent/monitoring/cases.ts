import { parseDuration } from "../lib/duration.ts";
import type { DeclaredWarning } from "../model/status.ts";
import type { Alert } from "./alerts.ts";

/* Cases for `promtool test rules`: what comes in, and which alerts fire then. */

interface Sample {
  readonly series: string;
  readonly values: string;
}

interface Expectation {
  readonly at: string;
  readonly alert: string;
  /** The labels of the alert that fires; undefined: it is silent. */
  readonly fires: Labels | undefined;
}

export interface RuleCase {
  readonly name: string;
  readonly input: readonly Sample[];
  readonly expect: readonly Expectation[];
}

type Labels = Readonly<Record<string, string>>;

/** Of the samples and of the evaluations. */
export const STEP = "15s";
const STEP_S = 15;
/** So long all is well before something happens. */
const QUIET = 8;

const WHERE: Labels = { space: "acme-space", connection: "office", tunnel: "2" };
const LINK: Labels = { link: "orders-redis" };

const seconds = (steps: number): string => `${steps * STEP_S}s`;
const stepsIn = (hold: string): number => Math.ceil((parseDuration(hold) ?? 0) / 1000 / STEP_S);

/** `value` for so many steps; promtool's own count leaves the first one out. */
const run = (value: number, steps: number): string => `${value}x${steps - 1}`;

const series = (name: string, labels: Labels): string =>
  `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(",")}}`;

const ABOUT: Readonly<Record<DeclaredWarning["about"], Labels>> = {
  host: {},
  connection: { space: "acme-space", connection: "office" },
  tunnel: WHERE,
  link: LINK,
};

/** Everything that a case is made of. */
export interface CaseInput {
  readonly declared: readonly DeclaredWarning[];
  readonly alerts: readonly Alert[];
  readonly job: string;
}

const scraped = (job: string): Labels => ({ job, instance: "gateway:9747" });

/** The agent's warnings, each with the values that `valuesOf` gives it, and whether it is scraped. */
const inputOf = ({ declared, job }: CaseInput, up: string, valuesOf: (code: string) => string): Sample[] => [
  { series: series("up", scraped(job)), values: up },
  ...declared.map(({ code, severity, about }) => ({
    series: series("spacegate_warning_active", { code, severity, ...ABOUT[about], ...scraped(job) }),
    values: valuesOf(code),
  })),
];

const labelsOf = (alert: Alert, job: string): Labels => {
  const values: Labels = { ...scraped(job), ...WHERE, ...LINK, code: alert.code };
  return Object.fromEntries([...alert.labels.map((label) => [label, values[label] ?? ""]), ["severity", alert.severity]]);
};

const silence = (alerts: readonly Alert[], at: string): Expectation[] =>
  alerts.map(({ name }) => ({ at, alert: name, fires: undefined }));

/** Nothing a step too early, exactly this alert when it is due, and nothing after the end. */
const onlyThis = ({ alerts, job }: CaseInput, alert: Alert, start: number): Expectation[] => {
  const due = start + stepsIn(alert.hold);
  return [
    { at: seconds(due - 1), alert: alert.name, fires: undefined },
    ...alerts.map((one) => ({
      at: seconds(due + 1),
      alert: one.name,
      fires: one === alert ? labelsOf(alert, job) : undefined,
    })),
    { at: seconds(due + 6), alert: alert.name, fires: undefined },
  ];
};

const warningCase = (input: CaseInput, { code, title }: DeclaredWarning): RuleCase[] => {
  const alert = input.alerts.find((one) => one.code === code);
  if (!alert) return [];
  const holds = stepsIn(alert.hold) + 4;
  const values = (one: string) => (one === code ? `${run(0, QUIET)} ${run(1, holds)} ${run(0, 8)}` : run(0, QUIET + holds + 8));
  return [
    {
      name: `${title}: ${alert.name} fires, and nothing else`,
      input: inputOf(input, run(1, QUIET + holds + 8), values),
      expect: onlyThis(input, alert, QUIET),
    },
  ];
};

const agentDown = (input: CaseInput): RuleCase[] => {
  const alert = input.alerts.find(({ code }) => code === "agent-down");
  if (!alert) return [];
  const gone = stepsIn(alert.hold) + 4;
  return [
    {
      name: `The agent does not answer: ${alert.name} fires, and nothing else`,
      input: inputOf(input, `${run(1, QUIET)} ${run(0, gone)} ${run(1, 8)}`, () => `${run(0, QUIET)} stale`),
      expect: onlyThis(input, alert, QUIET),
    },
  ];
};

const agentAbsent = (input: CaseInput): RuleCase[] => {
  const alert = input.alerts.find(({ code }) => code === "agent-absent");
  if (!alert) return [];
  const other = { series: series("up", scraped(`not-${input.job}`)), values: run(1, stepsIn(alert.hold) + 8) };
  return [
    {
      name: `Prometheus has no target in the job: ${alert.name} fires, and nothing else`,
      input: [other],
      expect: onlyThis(input, alert, 0).slice(0, -1),
    },
  ];
};

/** Long enough for every alert that is due to have come. */
const LONG = 45 * 4;
/** Whenever the second one of four samples is looked at: there the patterns below have what could fire. */
const LOOKS = [1, 41, 81, 121, LONG - 3];

const quietCase = (input: CaseInput, name: string, up: string, values: string): RuleCase => ({
  name,
  input: inputOf(input, up, () => values),
  expect: LOOKS.flatMap((step) => silence(input.alerts, seconds(step))),
});

const pattern = (values: string): string => Array.from({ length: LONG / 4 }, () => values).join(" ");

/**
 * The agent shows nothing that follows from a drain, so no rule need know of it; what is closed for longer than a maintenance
 * takes has been forgotten, and that is told.
 */
const maintenance = (input: CaseInput): RuleCase => {
  const [announced, closed, away] = [4, 40, 6];
  const back = LONG - QUIET - announced - closed - away;
  const values = (code: string): string => {
    const [draining, drained] = [Number(code === "draining"), Number(code === "drained")];
    return `${run(0, QUIET)} ${run(draining, announced)} ${run(drained, closed)} stale _x${away - 1} ${run(0, back)}`;
  };
  const up = `${run(1, QUIET + announced + closed)} ${run(0, away)} ${run(1, back)}`;
  const looks = [QUIET + announced, QUIET + announced + closed - 1, LONG - back - 1, LONG - back + 8];
  return {
    name: "A gateway is drained, rebooted and serves again: nobody is paged",
    input: inputOf(input, up, values),
    expect: looks.flatMap((step) => silence(input.alerts, seconds(step))),
  };
};

/** One case for each alert in which it fires and no other does, and cases in which none may. */
export const casesFor = (input: CaseInput): readonly RuleCase[] => [
  quietCase(input, "All is well: nothing fires", run(1, LONG), run(0, LONG)),
  quietCase(input, "Every warning flaps, for a second at a time: nobody is paged", run(1, LONG), pattern("0 1 0 0")),
  quietCase(input, "The agent is restarted again and again: nobody is paged", pattern("1 0 1 1"), pattern("0 stale 0 0")),
  maintenance(input),
  ...input.declared.flatMap((warning) => warningCase(input, warning)),
  ...agentDown(input),
  ...agentAbsent(input),
];
