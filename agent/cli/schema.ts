import type { AddCommand } from "./options.ts";

export const addSchema: AddCommand<Record<string, never>> = (program, finish, act) => {
  program.command("schema").description("print the JSON Schema of the settings file").action(finish(act));
};
