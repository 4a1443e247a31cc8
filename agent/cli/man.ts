import type { Command } from "commander";
import type { AddCommand } from "./options.ts";

export interface ManOptions {
  readonly program: Command;
}

/** Hidden: packages call it, people call man. */
export const addMan: AddCommand<ManOptions> = (program, finish, act) => {
  program
    .command("man", { hidden: true })
    .description("print the manual page, for man")
    .addHelpText("after", "\nExample:\n  spacegate man >/usr/local/share/man/man8/spacegate.8")
    .action(() => finish(act)({ program }));
};
