import type { DrainOptions } from "../cli/drain.ts";
import { drainText, drainWarning } from "../cli/drain-text.ts";
import { systemClock } from "../lib/clock.ts";
import { SpacegateError } from "../lib/errors.ts";
import { askLocally, tellLocally } from "../loop/ask.ts";
import { cancelDrain, type DrainCommandDeps, runDrain } from "../loop/drain-command.ts";
import type { DrainReport } from "../model/drain.ts";
import { openPrompts } from "./prompts.ts";
import { stopSignal } from "./stop-signal.ts";

const depsOf = ({ root }: DrainOptions, signal: AbortSignal): DrainCommandDeps => ({
  status: () => askLocally(root),
  begin: (ms) => tellLocally(root, "POST", `/api/drain?for_ms=${ms}`),
  cancel: () => tellLocally(root, "DELETE", "/api/drain"),
  clock: systemClock,
  signal,
  progress: (text) => process.stderr.write(`${text}\n`),
});

const assertWanted = async (options: DrainOptions, signal: AbortSignal): Promise<void> => {
  if (options.yes) return;
  const prompts = await openPrompts(signal);
  const warning = drainWarning(options.for);
  if (!prompts) throw new SpacegateError("OPTION_MISSING", warning, { fix: "Say --yes where nobody can be asked." });
  process.stderr.write(`${warning}\n`);
  if (await prompts.confirm("Drain this gateway?")) return;
  throw new SpacegateError("INTERRUPTED", "Stopped. Nothing was changed.", { fix: "Run the same command again when you like." });
};

const act = async (options: DrainOptions, signal: AbortSignal): Promise<DrainReport> => {
  const deps = depsOf(options, signal);
  if (options.cancel) return cancelDrain(deps);
  await assertWanted(options, signal);
  return runDrain(options.for, deps);
};

export const drain = async (options: DrainOptions): Promise<number> => {
  const { signal, release } = stopSignal();
  const report = await act(options, signal);
  release();
  process.stdout.write(`${options.json ? JSON.stringify(report) : drainText(report)}\n`);
  return 0;
};
