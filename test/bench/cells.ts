import { join } from "node:path";
import type { Engine } from "../lab/engines/engine.ts";
import type { LabEvent, ScenarioResult } from "../lab/events.ts";
import { prepareEngine, runScenarios } from "../lab/run.ts";
import { SCENARIOS } from "./scenarios/index.ts";

const PROJECT = join(import.meta.dirname, "../..");

export interface CellsOptions {
  readonly engine: Engine;
  /** Names, in the order in which they run. */
  readonly scenarios: readonly string[];
  readonly parameters: Readonly<Record<string, number>>;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Runs scenarios of the benchmarks' own registry in the lab's cells; one that never ended has an error too. */
export const runInCells = async ({
  engine,
  scenarios,
  parameters,
  progress,
  signal,
}: CellsOptions): Promise<ScenarioResult[]> => {
  await prepareEngine(engine, progress);
  const wanted = scenarios.map((name) => {
    const scenario = SCENARIOS.find((candidate) => candidate.name === name);
    if (!scenario) throw new RangeError(`there is no scenario ${name}`);
    return scenario;
  });
  const onEvent = (event: LabEvent): void => {
    if (event.type === "progress") progress(`${engine.name} ${event.scenario}: ${event.text}`);
    else if (event.type === "output") progress(event.text);
    else if (event.result.error) progress(`${event.result.scenario} FAILED: ${event.result.error}`);
  };
  const { results, noise } = await runScenarios({
    project: PROJECT,
    engine,
    scenarios: wanted,
    cell: {
      engine: engine.name,
      source: "platform-api",
      keep: false,
      logs: false,
      herokuBin: "",
      registry: "../bench/scenarios/index.ts",
      parameters,
    },
    onStart: () => {},
    onEvent,
    signal,
  });
  const ended = (name: string): ScenarioResult | undefined => results.find(({ scenario }) => scenario === name);
  const lost = (name: string): ScenarioResult => ({
    scenario: name,
    engine: engine.name,
    seconds: 0,
    notes: [],
    error: `the engine ended early. Its last lines:\n${noise.slice(-20).join("\n")}`,
  });
  return scenarios.map((name) => ended(name) ?? lost(name));
};
