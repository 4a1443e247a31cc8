import type { Scale } from "./scale.ts";
import { median, quantile, rounded } from "./stats.ts";

/** Single measurements by name, from all cells. */
export type Numbers = Readonly<Record<string, readonly number[]>>;

const OUTAGES = {
  documented: "documented configuration, DPD 10/30, silent cut [libipsec]",
  aws: "AWS's VTI configuration with heartbeat, silent cut",
  vti_200x3: "agent, VTI, probes 200 ms x 3, silent cut",
  vti_100x2: "agent, VTI, probes 100 ms x 2, silent cut",
  vti_delete: "agent, VTI, DELETE from the peer",
  policy_passive: "agent, policy routing, no probe target, silent cut [libipsec]",
} as const;

type OutageName = keyof typeof OUTAGES;

interface Outage {
  readonly median: number;
  readonly max: number;
  readonly runs: number;
}

/** The machine-readable line; what could not be measured is null. */
export interface Report {
  readonly outage_s: Readonly<Record<OutageName, Outage | null>>;
  readonly event_to_health_ms: { readonly p50: number; readonly p99: number } | null;
  readonly flip_ms: number | null;
  readonly cold_start_s: number | null;
  readonly rss_mb: number | null;
  readonly cpu_percent: number | null;
  readonly scale: readonly Scale[] | null;
}

/** What is measured by the name `key`, when there are at least `enough` samples. */
const samplesOf = (numbers: Numbers, key: string, enough = 1): readonly number[] | undefined => {
  const samples = numbers[key] ?? [];
  return samples.length >= enough ? samples : undefined;
};

const medianOf = (numbers: Numbers, key: string, digits: number): number | null => {
  const samples = samplesOf(numbers, key);
  return samples ? rounded(median(samples), digits) : null;
};

const outageOf = (numbers: Numbers, name: OutageName, runs: number): Outage | null => {
  const samples = samplesOf(numbers, name, runs);
  return samples ? { median: rounded(median(samples), 2), max: rounded(Math.max(...samples), 2), runs: samples.length } : null;
};

/** How often each thing must have been measured. */
export interface Enough {
  readonly runs: number;
  readonly events: number;
}

export const buildReport = (numbers: Numbers, scale: readonly Scale[] | null, { runs, events }: Enough): Report => {
  const latencies = samplesOf(numbers, "libipsec.event_to_health_ms", events);
  const outage = (name: OutageName): Outage | null => outageOf(numbers, name, runs);
  return {
    outage_s: {
      documented: outage("documented"),
      aws: outage("aws"),
      vti_200x3: outage("vti_200x3"),
      vti_100x2: outage("vti_100x2"),
      vti_delete: outage("vti_delete"),
      policy_passive: outage("policy_passive"),
    },
    event_to_health_ms: latencies
      ? { p50: rounded(quantile(latencies, 0.5), 2), p99: rounded(quantile(latencies, 0.99), 2) }
      : null,
    flip_ms: medianOf(numbers, "libipsec.flip_ms", 2),
    cold_start_s: medianOf(numbers, "libipsec.cold_start_s", 2),
    rss_mb: medianOf(numbers, "rss_bundle_mb", 1),
    cpu_percent: medianOf(numbers, "cpu_bundle_percent", 2),
    scale: scale
      ? scale.map((row) => ({
          connections: row.connections,
          pass_ms: rounded(row.pass_ms, 2),
          render_ms: rounded(row.render_ms, 2),
          list_sas_ms: rounded(row.list_sas_ms, 2),
          scrape_ms: rounded(row.scrape_ms, 2),
        }))
      : null,
  };
};

/** Names of what could not be measured. */
export const missingIn = (report: Report): string[] => [
  ...Object.entries(report.outage_s).flatMap(([name, outage]) => (outage ? [] : [`outage_s.${name}`])),
  ...Object.entries(report).flatMap(([name, value]) => (value === null ? [name] : [])),
];

type Row = readonly [what: string, value: string, more: string];

const times = (numbers: Numbers, key: string, unit: string, digits: number): string => {
  const samples = samplesOf(numbers, key);
  return samples ? `${median(samples).toFixed(digits)} ${unit}` : "not measured";
};

const spread = (numbers: Numbers, key: string, unit: string, digits: number): string => {
  const samples = samplesOf(numbers, key);
  return samples
    ? `p99 ${quantile(samples, 0.99).toFixed(digits)} ${unit}, max ${Math.max(...samples).toFixed(digits)} ${unit} of ${samples.length}`
    : "";
};

const row = (what: string, numbers: Numbers, key: string, unit: string, digits: number): Row => [
  what,
  times(numbers, key, unit, digits),
  spread(numbers, key, unit, digits),
];

const footprintRows = (numbers: Numbers, program: string, what: string): Row[] => {
  const of = (figure: string, unit: string, digits: number): string => times(numbers, figure, unit, digits);
  return [
    [`RSS, ${what}`, of(`rss_${program}_mb`, "MB", 1), `${of(`rss_${program}_with_children_mb`, "MB", 1)} with its children`],
    [
      `CPU with probes each 200 ms, ${what}`,
      of(`cpu_${program}_percent`, "%", 2),
      `${of(`cpu_${program}_with_children_percent`, "%", 2)} with its children`,
    ],
  ];
};

const outageRows = (numbers: Numbers): Row[] =>
  (Object.entries(OUTAGES) as [OutageName, string][]).map(([name, what]) => {
    const samples = samplesOf(numbers, name);
    return [
      `outage: ${what}`,
      times(numbers, name, "s", 2),
      samples ? `max ${Math.max(...samples).toFixed(2)} s of ${samples.length}` : "",
    ];
  });

const growth = (scale: readonly Scale[], field: Exclude<keyof Scale, "connections">): string =>
  scale
    .slice(1)
    .map((big, index) => {
      const small = scale[index] ?? big;
      const microseconds = (1000 * (big[field] - small[field])) / (big.connections - small.connections);
      return `${microseconds.toFixed(1)} us each from ${small.connections} to ${big.connections}`;
    })
    .join(", ");

const SCALE_ROWS = {
  pass_ms: "no-op pass",
  render_ms: "render",
  list_sas_ms: "list-sas decode",
  scrape_ms: "/metrics text",
} as const;

const scaleRows = (scale: readonly Scale[] | null): Row[] =>
  (Object.entries(SCALE_ROWS) as [keyof typeof SCALE_ROWS, string][]).map(([field, what]) => [
    `${what} at ${scale?.map(({ connections }) => connections).join(", ") ?? "…"} connections`,
    scale ? `${scale.map((one) => one[field].toFixed(2)).join(", ")} ms` : "not measured",
    scale ? growth(scale, field) : "",
  ]);

/** `vtiEngine`: the engine of the cells with VTI links. */
export const table = (numbers: Numbers, scale: readonly Scale[] | null, vtiEngine: string): string => {
  const rows: Row[] = [
    ["", "median", ""],
    ...outageRows(numbers),
    row("child-updown event to /healthz and /metrics [libipsec]", numbers, "libipsec.event_to_health_ms", "ms", 2),
    row("route flip [native kernel]", numbers, "libipsec.flip_ms", "ms", 2),
    row(`route flip [${vtiEngine}]`, numbers, `${vtiEngine}.flip_ms`, "ms", 2),
    row("cold start, one CHILD_SA, agent/main.ts [libipsec]", numbers, "libipsec.cold_start_s", "s", 2),
    row("cold start, one CHILD_SA, bundle [libipsec]", numbers, "cold_start_bundle_s", "s", 2),
    row(`cold start, both CHILD_SAs, agent/main.ts [${vtiEngine}]`, numbers, `${vtiEngine}.cold_start_s`, "s", 2),
    ...footprintRows(numbers, "bundle", "bundle, which is what is installed"),
    ...footprintRows(numbers, "source", "agent/main.ts"),
    ...scaleRows(scale),
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows
    .map(([what, value, more]) => `${what.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${more}`.trimEnd())
    .join("\n");
};
