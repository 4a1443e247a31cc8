import type { EngineName } from "./engines/engine.ts";
import type { ScenarioResult, TunnelReport } from "./events.ts";
import type { Scenario } from "./scenarios/scenario.ts";

const yesNo = (value: boolean | null): string => (value === null ? "-" : value ? "yes" : "no");

const HEAD = ["tunnel", "VPN gateway", "IKE_SA", "CHILD_SA", "passing", "carrier"];

/** Both tunnels, one a line, in columns. */
const tunnelTable = (tunnels: readonly TunnelReport[]): string => {
  const rows = [
    HEAD,
    ...tunnels.map((tunnel) => [
      String(tunnel.index),
      tunnel.address,
      tunnel.ike,
      tunnel.child,
      yesNo(tunnel.passing),
      yesNo(tunnel.carrier),
    ]),
  ];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};

/** What a person reads about one scenario at its end. */
export const describeResult = (result: ScenarioResult, scenario: Scenario): string =>
  [
    `${result.error === undefined ? "passed" : "FAILED"}: ${result.scenario} (${result.engine}, ${result.seconds} s): ${scenario.title}`,
    ...(result.error === undefined ? [] : [result.error]),
    ...(result.tunnels ? [tunnelTable(result.tunnels)] : []),
    ...(result.ping ? [`pings LAN to dyno: ${result.ping.received} of ${result.ping.sent} answered`] : []),
    ...(result.healthz === undefined ? [] : [`/healthz: ${result.healthz}`]),
    ...result.notes,
  ].join("\n");

/** The plain last line. */
export const summary = (results: readonly ScenarioResult[], expected: number): string => {
  const passed = results.filter(({ error }) => error === undefined).length;
  return `${passed} passed, ${expected - passed} failed`;
};

const outcome = ({ scenario, seconds, error }: ScenarioResult) => ({ name: scenario, passed: error === undefined, seconds });

/** The line of --json: the first scenario's findings, the whole run's seconds, and the outcome of each when there are several. */
export const jsonLine = (engine: EngineName, results: readonly ScenarioResult[], seconds: number): string => {
  const first = results[0];
  return JSON.stringify({
    engine,
    tunnels: (first?.tunnels ?? []).map(({ index, ike, child, passing }) => ({ index, ike, child, passing })),
    ping: first?.ping ?? { sent: 0, received: 0 },
    healthz: first?.healthz ?? null,
    seconds,
    ...(results.length > 1 ? { scenarios: results.map(outcome) } : {}),
  });
};
