import { cpSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LabError } from "./check.ts";
import type { CellOptions, Engine } from "./engines/engine.ts";
import type { LabEvent, ScenarioResult } from "./events.ts";
import { createExchange } from "./exchange.ts";
import { installPackages } from "./packages.ts";
import type { Scenario } from "./scenarios/scenario.ts";

/** Installs what the engine needs. Throws a LabError that says what to do when it cannot run here. */
export const prepareEngine = async (engine: Engine, progress: (text: string) => void): Promise<void> => {
  await installPackages(engine.packages, progress);
  const problem = await engine.unavailable();
  if (problem) throw new LabError(problem);
};

export interface LabRun {
  readonly project: string;
  readonly engine: Engine;
  readonly scenarios: readonly Scenario[];
  readonly cell: CellOptions;
  /** Is given the directory that the cells share with this machine. */
  readonly onStart: (exchange: string) => void;
  readonly onEvent: (event: LabEvent) => void;
  readonly signal: AbortSignal;
}

export interface LabOutcome {
  /** Fewer than the scenarios when the engine ended early. */
  readonly results: readonly ScenarioResult[];
  /** Lines that were no events. */
  readonly noise: readonly string[];
  /** True when something captured was put into .lab/logs. */
  readonly logsKept: boolean;
}

/** Each engine's by themselves: two labs may run at the same time. */
const keepLogs = (exchange: string, project: string, engine: string): boolean => {
  if (!existsSync(join(exchange, "logs"))) return false;
  const kept = join(project, ".lab/logs", engine);
  rmSync(kept, { recursive: true, force: true });
  cpSync(join(exchange, "logs"), kept, { recursive: true });
  return true;
};

/** Runs scenarios one after another in the engine's cells. */
export const runScenarios = async ({ project, engine, scenarios, cell, ...run }: LabRun): Promise<LabOutcome> => {
  const exchange = createExchange();
  const results: ScenarioResult[] = [];
  const noise: string[] = [];
  try {
    writeFileSync(join(exchange, "options.json"), JSON.stringify(cell));
    run.onStart(exchange);
    await engine.run({
      project,
      exchange,
      scenarios: scenarios.map(({ name }) => name),
      onEvent: (event) => {
        if (event.type === "result") results.push(event.result);
        run.onEvent(event);
      },
      onNoise: (line) => void noise.push(line),
      signal: run.signal,
    });
    return { results, noise, logsKept: keepLogs(exchange, project, engine.name) };
  } finally {
    rmSync(exchange, { recursive: true, force: true });
  }
};
