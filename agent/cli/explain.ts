import type { AddCommand } from "./options.ts";

export interface ExplainOptions {
  /** undefined: list them all. */
  readonly code?: string;
  readonly json?: boolean;
  readonly color?: boolean;
}

const HELP = `
Examples:
  spacegate explain tunnel-down
  spacegate explain SOURCE_UNAUTHORIZED`;

export const addExplain: AddCommand<ExplainOptions> = (program, finish, act) => {
  program
    .command("explain")
    .argument("[code]", "the code, as a message ends with it; without one all are listed")
    .description("say what the code of an error, a warning or a tunnel's reason means, and what to do")
    .option("--json", "print the page as JSON")
    .option("--no-color", "no colours")
    .addHelpText("after", HELP)
    .action((code: string | undefined, options: Omit<ExplainOptions, "code">) =>
      finish(act)({ ...options, ...(code === undefined ? {} : { code }) }),
    );
};
