import { Option } from "commander";
import type { AddCommand } from "./options.ts";
import { duration } from "./waiting.ts";

export interface FirstBootOptions {
  /** Put before every path on the host. */
  readonly root: string;
  readonly force?: boolean;
  readonly refreshToken?: boolean;
  /** Milliseconds. */
  readonly wait: number;
  readonly json?: boolean;
}

const WAIT_MS = 5 * 60_000;

export const addFirstBoot: AddCommand<FirstBootOptions> = (program, finish, act) => {
  program
    .command("first-boot")
    .description("fetch settings and token as /etc/spacegate/first-boot.yaml says; does nothing where that is done")
    .option("--root <dir>", "put every path on the host below this directory: for tests, dry runs and image builds", "/")
    .option("--force", "replace settings that are there; the old ones are kept beside them")
    .option("--refresh-token", "fetch the token although there is one, after it was rotated")
    .addOption(
      new Option("--wait <time>", "how long to wait for network, credentials and AWS").argParser(duration).default(WAIT_MS, "5m"),
    )
    .option("--json", "print what was done as JSON")
    .addHelpText(
      "after",
      "\nExit codes: 0 done, or nothing to do; 1 refused or failed; 3 the file or the settings are wrong.\n\nExamples:\n  spacegate first-boot\n  spacegate first-boot --refresh-token",
    )
    .action(finish(act));
};
