import { type AddCommand, type CommonOptions, withCommon } from "./options.ts";

export interface OnceOptions extends CommonOptions {
  readonly standalone?: boolean;
  readonly json?: boolean;
}

export const addOnce: AddCommand<OnceOptions> = (program, finish, act) => {
  withCommon(program.command("once"))
    .description("bring everything about once, wait for the tunnels, and exit: 0 as wanted, 1 otherwise")
    .option("--standalone", "start strongSwan too, where no init system does")
    .option("--json", "print the status as JSON")
    .addHelpText("after", "\nExample:\n  spacegate once --json")
    .action(finish(act));
};
