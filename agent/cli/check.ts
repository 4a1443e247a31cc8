import { type AddCommand, type CommonOptions, withCommon } from "./options.ts";

export interface CheckOptions extends CommonOptions {
  readonly standalone?: boolean;
  readonly json?: boolean;
  /** False with --no-color. */
  readonly color?: boolean;
}

const HELP = `
Changes nothing, and works whether the agent runs or not. What could not be looked at is told as skipped, with the reason.
Exit codes: 0 nothing failed; 1 something did.

Examples:
  spacegate check
  spacegate check --json | jq -r '.results[] | select(.status == "failed") | .fix'`;

export const addCheck: AddCommand<CheckOptions> = (program, finish, act) => {
  withCommon(program.command("check"))
    .description(
      "look for everything that keeps a tunnel from working, one line each with what to do: before the start, and at night",
    )
    .option("--standalone", "the agent is started with --standalone: until then strongSwan need not run")
    .option("--json", "print the results as JSON")
    .option("--no-color", "no colours; they are left out anyway where NO_COLOR is set or the output is no terminal")
    .addHelpText("after", HELP)
    .action(finish(act));
};
