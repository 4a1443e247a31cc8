import { libipsec } from "../lab/engines/namespaces.ts";
import type { ScenarioResult } from "../lab/events.ts";
import { runInCells } from "./cells.ts";

/** Runs one scenario in a libipsec cell until it ends or Ctrl-C; progress goes to standard error. */
export const runAlone = async (scenario: string, parameters: Readonly<Record<string, number>>): Promise<ScenarioResult> => {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  const startedAt = performance.now();
  const progress = (text: string): void =>
    void process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);
  const [result] = await runInCells({ engine: libipsec, scenarios: [scenario], parameters, progress, signal: stop.signal });
  if (!result) throw new Error(`${scenario} gave no result`);
  return result;
};
