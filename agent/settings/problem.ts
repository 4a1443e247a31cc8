import { SpacegateError } from "../lib/errors.ts";
import { visible } from "./path.ts";

/** One thing that is wrong in the settings file. */
export interface SettingsProblem {
  readonly file: string;
  /** 1-based; 0 when the file as a whole is at fault. */
  readonly line: number;
  readonly column: number;
  /** "connections[0].local.subnets[1]"; "" for the whole file. */
  readonly path: string;
  /** As the message shows it, short and never a secret; absent where there is none to show. */
  readonly value?: string;
  readonly message: string;
  /** A right value, as one would write it; absent where none can be named. */
  readonly example?: string;
}

const problemText = ({ file, line, column, path, value, message, example }: SettingsProblem): string =>
  [
    `${line === 0 ? file : `${file}:${line}:${column}`}${path === "" ? "" : ` ${path}`}: ${message}`,
    ...(value === undefined ? [] : [`got ${value}`]),
    ...(example === undefined ? [] : [`for example ${example}`]),
  ].join("; ");

/** More would only scroll the first ones away; details.problems has them all. */
const MAX_LINES = 50;

const FIX = "Correct the settings file and try again; `spacegate schema` describes every key.";

/** SETTINGS_INVALID: the message has a line for each problem, details.problems is the same as a SettingsProblem[]. */
export const settingsError = (problems: readonly SettingsProblem[], fix = FIX, cause?: unknown): SpacegateError => {
  const lines = problems.slice(0, MAX_LINES).map((problem) => visible(problemText(problem)));
  const more = problems.length > MAX_LINES ? [`… and ${problems.length - MAX_LINES} more`] : [];
  return new SpacegateError("SETTINGS_INVALID", [...lines, ...more].join("\n"), { fix, cause, details: { problems } });
};
