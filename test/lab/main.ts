/* The lab: real strongSwan on both ends of both tunnels, on one machine. `npm run lab -- --help`. */
import { join } from "node:path";
import { systemClock } from "../../agent/lib/clock.ts";
import { messageOf } from "../../agent/lib/errors.ts";
import { LabError } from "./check.ts";
import type { CellOptions, Engine } from "./engines/engine.ts";
import { kernelHasEspAndVti, libipsec, native } from "./engines/namespaces.ts";
import { uml } from "./engines/uml.ts";
import type { LabEvent } from "./events.ts";
import { installHerokuClient } from "./heroku-client.ts";
import { forwardTyped, HOW_TO_LOOK_INSIDE } from "./keep.ts";
import { type LabOptions, parseOptions, USAGE } from "./options.ts";
import { describeResult, jsonLine, summary } from "./report.ts";
import { prepareEngine, runScenarios } from "./run.ts";
import { SCENARIOS } from "./scenarios/index.ts";
import type { Scenario } from "./scenarios/scenario.ts";

const ENGINES: readonly Engine[] = [native, uml, libipsec];
const PROJECT = join(import.meta.dirname, "../..");

/** As a shell reports a program that Ctrl-C ended. */
const INTERRUPTED = 130;

const startedAt = systemClock.monotonic();
const elapsed = (): number => Number(((systemClock.monotonic() - startedAt) / 1000).toFixed(1));
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const progress = (text: string): void => say(`${elapsed().toFixed(1).padStart(6)} s  ${text}`);

const pickEngine = async (options: LabOptions): Promise<Engine> => {
  const name = options.engine ?? ((await kernelHasEspAndVti()) ? "native" : "uml");
  return ENGINES.find((engine) => engine.name === name) as Engine;
};

const prepare = async (engine: Engine, options: LabOptions): Promise<CellOptions> => {
  await prepareEngine(engine, progress);
  const herokuBin = options.source === "heroku-cli" ? await installHerokuClient(join(PROJECT, ".lab/heroku"), progress) : "";
  const { source, keep, logs } = options;
  return { engine: engine.name, source, keep, logs, herokuBin, registry: "./scenarios/index.ts", parameters: {} };
};

const select = (engine: Engine, options: LabOptions): readonly Scenario[] => {
  const { scenarios } = options;
  if (scenarios === "all" || scenarios === "most")
    return SCENARIOS.filter(({ engines, slow }) => engines.includes(engine.name) && (scenarios === "all" || !slow));
  const unfit = scenarios.find(({ engines }) => !engines.includes(engine.name));
  if (unfit) throw new LabError(`The scenario ${unfit.name} needs --engine ${unfit.engines.join(" or ")}`);
  return scenarios;
};

const run = async (engine: Engine, scenarios: readonly Scenario[], options: LabOptions, signal: AbortSignal) => {
  const cell = await prepare(engine, options);
  progress(`engine ${engine.name}`);
  const onEvent = (event: LabEvent) => {
    if (event.type === "progress") return progress(`${event.scenario}: ${event.text}`);
    if (event.type === "output") return say(event.text);
    const scenario = scenarios.find(({ name }) => name === event.result.scenario);
    if (scenario) say(`\n${describeResult(event.result, scenario)}\n`);
    if (options.keep) say(HOW_TO_LOOK_INSIDE);
  };
  const onStart = options.keep ? forwardTyped : () => {};
  const { results, noise, logsKept } = await runScenarios({
    project: PROJECT,
    engine,
    scenarios,
    cell,
    onStart,
    onEvent,
    signal,
  });
  if (logsKept) say("What was captured is kept in .lab/logs");
  if (results.length < scenarios.length && !signal.aborted)
    say(`The engine ended early. Its last lines:\n${noise.slice(-30).join("\n")}`);
  return results;
};

const main = async (): Promise<number> => {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (options.list) {
    for (const { name, engines, title } of SCENARIOS) process.stdout.write(`${name}  [${engines.join(" ")}]  ${title}\n`);
    return 0;
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  const engine = await pickEngine(options);
  const scenarios = select(engine, options);
  const results = await run(engine, scenarios, options, stop.signal);
  if (stop.signal.aborted && results.length < scenarios.length) {
    say("interrupted");
    return INTERRUPTED;
  }
  say(summary(results, scenarios.length));
  if (options.json) process.stdout.write(`${jsonLine(engine.name, results, elapsed())}\n`);
  return results.length === scenarios.length && results.every(({ error }) => error === undefined) ? 0 : 1;
};

try {
  // An open standard input would keep this program alive.
  process.exit(await main());
} catch (thrown) {
  say(
    thrown instanceof LabError ? thrown.message : thrown instanceof Error ? (thrown.stack ?? messageOf(thrown)) : String(thrown),
  );
  process.exitCode = 1;
}
