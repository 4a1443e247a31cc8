/* Runs one scenario inside its cell: `cell.ts EXCHANGE SCENARIO`. Events go to standard output. */
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../agent/lib/clock.ts";
import { messageOf } from "../../agent/lib/errors.ts";
import { check, LabError } from "./check.ts";
import type { CellOptions } from "./engines/engine.ts";
import { formatEvent, type LabEvent, type ScenarioResult } from "./events.ts";
import { runTyped } from "./keep.ts";
import { Lab } from "./lab.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { ArgvSampler, searchForSecrets } from "./secrets.ts";
import { CHARON_LOG } from "./strongswan.ts";

const WORK = "/run/lab";
const LOGS = join(WORK, "logs");

// Written at once: the last event must be out before the cell ends.
const emit = (event: LabEvent): void => void process.stdout.write(formatEvent(event));

const keepCharonLogs = async (lab: Lab): Promise<void> => {
  for (const box of [lab.gateway, ...lab.peers]) lab.processes.keep(`${box.name}-charon`, await box.read(CHARON_LOG));
};

/** The ends of the logs that tell most, for readers who have nothing but the terminal's text. */
const showTails = (): void => {
  for (const name of readdirSync(LOGS).filter((file) => /agent\.log$|^gw-charon/.test(file))) {
    const lines = readFileSync(join(LOGS, name), "utf8").trimEnd().split("\n").slice(-20);
    emit({ type: "output", text: `--- the end of ${name}\n${lines.join("\n")}` });
  }
};

const withTimeout = async (scenario: Scenario, lab: Lab): Promise<void> => {
  const seconds = scenario.timeoutSeconds ?? 120;
  const late = systemClock.sleep(seconds * 1000).then(() => {
    throw new LabError(`the scenario did not end within ${seconds} s`);
  });
  await Promise.race([scenario.run(lab), late]);
};

const attempt = async (action: () => Promise<void>): Promise<string | undefined> => {
  try {
    await action();
    return undefined;
  } catch (thrown) {
    // A stack helps only where nobody has foreseen the failure.
    return thrown instanceof Error && !(thrown instanceof LabError) ? (thrown.stack ?? thrown.message) : messageOf(thrown);
  }
};

let lab: Lab | undefined;

const runScenario = async (scenario: Scenario, options: CellOptions): Promise<ScenarioResult> => {
  const startedAt = systemClock.monotonic();
  const argv = new ArgvSampler();
  const progress = (text: string) => emit({ type: "progress", scenario: scenario.name, text });
  const failure = await attempt(async () => {
    lab = await Lab.build(WORK, LOGS, options, progress);
    await withTimeout(scenario, lab);
  });
  const leak = await attempt(async () => {
    if (lab) await keepCharonLogs(lab);
    lab?.processes.keep("argv", argv.stop());
    const found = searchForSecrets(LOGS);
    check(found.length === 0, `secrets in what was captured: ${found.join("; ")}`);
  });
  const error = [failure, leak].filter((text) => text !== undefined).join("\n");
  return {
    scenario: scenario.name,
    engine: options.engine,
    seconds: Number(((systemClock.monotonic() - startedAt) / 1000).toFixed(2)),
    ...(lab?.findings ?? { notes: [] }),
    ...(error ? { error } : {}),
  };
};

const [, , exchange = "", name = ""] = process.argv;
const options = JSON.parse(readFileSync(join(exchange, "options.json"), "utf8")) as CellOptions;
const { SCENARIOS } = (await import(options.registry)) as { readonly SCENARIOS: readonly Scenario[] };
const scenario = SCENARIOS.find((candidate) => candidate.name === name);
check(scenario !== undefined, `there is no scenario ${name}`);
mkdirSync(LOGS, { recursive: true });
const result = await runScenario(scenario, options);
if (result.error) showTails();
if (result.error || options.logs) cpSync(LOGS, join(exchange, "logs", name), { recursive: true });
emit({ type: "result", result });
if (options.keep && lab) await runTyped(exchange, lab, (text) => emit({ type: "output", text }));
process.exit(result.error ? 1 : 0);
