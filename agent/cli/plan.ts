import { type AddCommand, type CommonOptions, withCommon } from "./options.ts";

export interface PlanOptions extends CommonOptions {
  readonly json?: boolean;
  readonly exitCode?: boolean;
}

export const addPlan: AddCommand<PlanOptions> = (program, finish, act) => {
  withCommon(program.command("plan"))
    .description("show what a pass would change, and change nothing; PSKs are shown as fingerprints")
    .option("--json", 'print {"files":[…],"steps":[…]}')
    .option("--exit-code", "exit with 1 when changes are pending")
    .addHelpText("after", "\nExample:\n  spacegate plan --config ./config.yaml --root /tmp/dry-run")
    .action(finish(act));
};
