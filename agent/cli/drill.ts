import { InvalidArgumentError } from "commander";
import { type AddCommand, type CommonOptions, withCommon } from "./options.ts";

export interface DrillOptions extends CommonOptions {
  /** "space/name"; undefined: the only one. */
  readonly connection?: string;
  readonly tunnel?: 1 | 2;
  readonly json?: boolean;
}

const tunnelNumber = (value: string): 1 | 2 => {
  if (value === "1") return 1;
  if (value === "2") return 2;
  throw new InvalidArgumentError("It must be 1 or 2.");
};

export const addDrill: AddCommand<DrillOptions> = (program, finish, act) => {
  withCommon(program.command("drill"))
    .description("take the carrying tunnel down on purpose and measure the outage; refused when the other one is not passing")
    .option("--connection <space/name>", "which connection; needed when there are several")
    .option("--tunnel <n>", "which tunnel, 1 or 2; without it the one that carries", tunnelNumber)
    .option("--json", "print the result as JSON")
    .addHelpText("after", "\nExample:\n  spacegate drill --connection acme-space/office")
    .action(finish(act));
};
