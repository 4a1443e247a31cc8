import type { DeclaredWarning, Severity } from "../model/status.ts";

/** Gives a label's value, or the placeholder that Prometheus puts it in for. */
export type Place = (label: string) => string;

/** One alert rule, and what its texts say for the labels of one case. */
export interface Alert {
  readonly name: string;
  /** The anchor in the runbook. */
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
  readonly advice: string;
  readonly expr: string;
  /** Prometheus' own spelling: "5m". */
  readonly hold: string;
  /** The labels that its alerts have besides severity. */
  readonly labels: readonly string[];
  readonly summary: (place: Place) => string;
  readonly description: (place: Place) => string;
}

/** One missed scrape, or a tunnel that is away for a second, must wake nobody: the agent has repaired it long before. Often is told apart. */
const HOLD: Readonly<Record<Severity, string>> = { critical: "1m", warning: "5m", info: "30m" };

/** What needs more time than its severity gives. Heroku provisions a connection in up to 20 minutes. */
export const PATIENCE: Readonly<Record<string, string>> = { "connection-waiting": "30m" };

const LABELS: Readonly<Record<DeclaredWarning["about"], readonly string[]>> = {
  host: [],
  connection: ["space", "connection"],
  tunnel: ["space", "connection", "tunnel"],
  link: ["link"],
};

const WHERE: Readonly<Record<DeclaredWarning["about"], (place: Place) => string>> = {
  host: (place) => place("instance"),
  connection: (place) => `${place("space")}/${place("connection")} on ${place("instance")}`,
  tunnel: (place) => `${place("space")}/${place("connection")} tunnel ${place("tunnel")} on ${place("instance")}`,
  link: (place) => `${place("link")} on ${place("instance")}`,
};

const alertName = (code: string): string =>
  `Spacegate${code.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}`;

const fromWarning = ({ code, severity, title, advice, about }: DeclaredWarning): Alert => ({
  name: alertName(code),
  code,
  severity,
  title,
  advice,
  expr: `spacegate_warning_active{code="${code}"} == 1`,
  hold: PATIENCE[code] ?? HOLD[severity],
  labels: ["instance", "job", "code", ...LABELS[about]],
  summary: (place) => `${title}: ${WHERE[about](place)}`,
  description: (place) =>
    `${advice} /healthz of ${place("instance")} tells this case's own reason and fix; \`spacegate status\` on the gateway does too.`,
});

/** What the agent cannot tell itself. */
const agentAlerts = (job: string): Alert[] => [
  {
    name: "SpacegateAgentDown",
    code: "agent-down",
    severity: "critical",
    title: "The agent is not scraped",
    advice: "On the gateway: systemctl status spacegate. The tunnels stay up without it, but nothing steers or repairs them.",
    expr: `up{job="${job}"} == 0`,
    hold: "2m",
    labels: ["instance", "job"],
    summary: (place) => `The agent is not scraped: ${place("instance")}`,
    description: (place) =>
      `Prometheus gets no answer from ${place("instance")}. On the gateway: systemctl status spacegate. The tunnels stay up without it, but nothing steers or repairs them.`,
  },
  {
    name: "SpacegateAgentAbsent",
    code: "agent-absent",
    severity: "critical",
    title: "No agent is scraped at all",
    advice: "Prometheus has no target in this job: compare its scrape configuration with the generated one.",
    expr: `absent(up{job="${job}"})`,
    hold: "5m",
    labels: ["job"],
    summary: (place) => `No agent is scraped at all: job ${place("job")}`,
    description: (place) =>
      `Prometheus has no target in the job ${place("job")}: compare its scrape configuration with the generated one.`,
  },
];

/** One alert for each declared warning, and those about the agent itself. `job`: the scrape configuration's job_name. */
export const alertsFor = (declared: readonly DeclaredWarning[], job: string): readonly Alert[] => [
  ...declared.map(fromWarning),
  ...agentAlerts(job),
];
