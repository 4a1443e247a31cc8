import { InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../lib/duration.ts";
import type { AddCommand } from "./options.ts";

export interface DrainOptions {
  /** Put before every path on the host. */
  readonly root: string;
  /** Milliseconds. */
  readonly for: number;
  readonly cancel?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const FOR_MS = 30_000;
const MAX_MS = 24 * 3_600_000;

const announcement = (value: string): number => {
  const ms = value === "0" ? 0 : parseDuration(value);
  if (ms === undefined || ms > MAX_MS) throw new InvalidArgumentError("It must be a time with its unit, a day at most: 30s, 5m.");
  return Math.round(ms);
};

export const addDrain: AddCommand<DrainOptions> = (program, finish, act) => {
  program
    .command("drain")
    .description("take the gateway out of service for maintenance: say so on /healthz, wait, then close its tunnels")
    .addOption(
      new Option("--for <time>", "how long it is announced before the tunnels are closed")
        .argParser(announcement)
        .default(FOR_MS, "30s"),
    )
    .option("--cancel", "serve again: the tunnels come up as before")
    .option("--yes", "do not ask; without a second gateway the local networks lose the space")
    .option("--root <dir>", "put every path on the host below this directory", "/")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nIt lasts until --cancel or the agent's next start.\n\nExamples:\n  spacegate drain --for 1m --yes\n  spacegate drain --cancel",
    )
    .action(finish(act));
};
