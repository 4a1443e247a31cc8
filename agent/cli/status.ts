import { type AddCommand, type CommonOptions, withCommon } from "./options.ts";

export interface StatusOptions extends CommonOptions {
  readonly watch?: boolean;
  readonly json?: boolean;
  /** "space/name"; undefined: all. */
  readonly connection?: string;
  /** False with --no-color. */
  readonly color?: boolean;
}

const HELP = `
Works without the agent too: then charon itself is asked, and the last good copy for addresses.
Exit codes: 0 all is well; 1 degraded, down, or the agent is not running.

Examples:
  spacegate status
  spacegate status --watch
  spacegate status --connection acme-space/office --json`;

export const addStatus: AddCommand<StatusOptions> = (program, finish, act) => {
  withCommon(program.command("status"))
    .description("show connections, tunnels, what carries, what Heroku says, and warnings with their fixes, on one screen")
    .option("--watch", "go on, in place; into a file or pipe a block for each change; Ctrl-C ends it")
    .option("--connection <space/name>", "show this connection only")
    .option("--json", "print the whole status as JSON, as /api/status has it; with --watch a line for each change")
    .option("--no-color", "no colours; they are left out anyway where NO_COLOR is set or the output is no terminal")
    .addHelpText("after", HELP)
    .action(finish(act));
};
