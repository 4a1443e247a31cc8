import { type AddCommand, type CommonOptions, withCommon } from "./options.ts";

export interface RunOptions extends CommonOptions {
  readonly standalone?: boolean;
  readonly downOnExit?: boolean;
}

export const addRun: AddCommand<RunOptions> = (program, finish, act) => {
  withCommon(program.command("run"))
    .description("keep the tunnels up: the daemon")
    .option("--standalone", "start and stop strongSwan too, where no init system does")
    .option("--down-on-exit", "take the tunnels down on SIGTERM (for labs)")
    .addHelpText("after", "\nExample:\n  spacegate run --config /etc/spacegate/config.yaml")
    .action(finish(act));
};
