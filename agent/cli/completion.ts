import { Argument, type Command } from "commander";
import type { AddCommand } from "./options.ts";

export interface CompletionOptions {
  readonly shell: "bash" | "zsh" | "fish";
  readonly program: Command;
}

const HELP = `
Examples:
  spacegate completion bash >/etc/bash_completion.d/spacegate
  spacegate completion zsh >"\${fpath[1]}/_spacegate"
  spacegate completion fish >~/.config/fish/completions/spacegate.fish`;

export const addCompletion: AddCommand<CompletionOptions> = (program, finish, act) => {
  program
    .command("completion")
    .description("print a script that completes commands and options in a shell")
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", HELP)
    .action((shell: CompletionOptions["shell"]) => finish(act)({ shell, program }));
};
