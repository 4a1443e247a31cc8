import type { AddCommand } from "./options.ts";

export const addSchema: AddCommand<Record<string, never>> = (program, finish, act) => {
  program
    .command("schema")
    .description("print the JSON Schema of the settings file")
    .addHelpText("after", "\nExample:\n  spacegate schema >/etc/spacegate/config.schema.json")
    .action(finish(act));
};
