/*
 * `npm run bench [-- --quick]`: how long outages last, what the agent needs, and how that grows. Prints a table and, as the last
 * line, JSON. Everything is measured in this run. The exit code is 1 when something could not be measured.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../../agent/lib/errors.ts";
import type { Engine } from "../lab/engines/engine.ts";
import { kernelHasEspAndVti, libipsec, native } from "../lab/engines/namespaces.ts";
import { uml } from "../lab/engines/uml.ts";
import { type CellsOptions, runInCells } from "./cells.ts";
import { buildReport, missingIn, type Numbers, table } from "./report.ts";
import { measureScale, type Scale } from "./scale.ts";

const startedAt = performance.now();
const progress = (text: string): void =>
  void process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const PARAMETERS: Readonly<Record<string, number>> = values.quick
  ? { runs: 3, starts: 2, events: 100, footprintSeconds: 10 }
  : { runs: 6, starts: 5, events: 200, footprintSeconds: 30 };

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());

const BOTH_ENGINES = new Set(["flip_ms", "cold_start_s", "event_to_health_ms"]);

/** What several engines measure carries the engine's name. */
const measure = async (engine: Engine, scenarios: readonly string[]): Promise<Numbers> => {
  const options: CellsOptions = { engine, scenarios, parameters: PARAMETERS, progress, signal: stop.signal };
  const results = await runInCells(options);
  return Object.fromEntries(
    results
      .flatMap(({ numbers = {} }) => Object.entries(numbers))
      .map(([name, samples]) => [BOTH_ENGINES.has(name) ? `${engine.name}.${name}` : name, samples] as const),
  );
};

/** A part that fails leaves the others to be measured. */
const orNothing = async <T>(what: string, work: () => Promise<T>, nothing: T): Promise<T> => {
  if (stop.signal.aborted) return nothing;
  try {
    return await work();
  } catch (thrown) {
    progress(`${what} FAILED: ${messageOf(thrown)}`);
    return nothing;
  }
};

const measureScales = async (): Promise<Scale[]> => {
  const scale: Scale[] = [];
  for (const [connections, repetitions] of [
    [1, 500],
    [100, 50],
    [500, 20],
  ] as const) {
    progress(`the agent's own work at ${connections} connections`);
    scale.push(await measureScale(connections, repetitions));
  }
  return scale;
};

const main = async (): Promise<number> => {
  const vtiEngine = (await kernelHasEspAndVti()) ? native : uml;
  execFileSync("npm", ["run", "--silent", "build"], { cwd: join(import.meta.dirname, "../..") });
  // Half a minute of waiting each time, in which a neighbour that waits too disturbs nothing.
  const slow = await Promise.all([
    orNothing("documented", () => measure(libipsec, ["documented"]), {}),
    orNothing("aws", () => measure(vtiEngine, ["aws"]), {}),
  ]);
  const onVti = await orNothing("vti", () => measure(vtiEngine, ["vti"]), {});
  const onPolicy = await orNothing("policy", () => measure(libipsec, ["policy-passive", "steady"]), {});
  const scale = await orNothing("scale", measureScales, null);
  const numbers: Numbers = Object.assign({}, ...slow, onVti, onPolicy);
  const report = buildReport(numbers, scale, { runs: PARAMETERS.runs ?? 5, events: PARAMETERS.events ?? 100 });
  const missing = missingIn(report);
  process.stdout.write(`${table(numbers, scale, vtiEngine.name)}\n\n`);
  if (missing.length > 0) process.stdout.write(`could not be measured: ${missing.join(", ")}\n`);
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return missing.length > 0 ? 1 : 0;
};

process.exit(await main());
