import { settingsJsonSchema } from "../settings/schema.ts";

export const schema = async (): Promise<number> => {
  process.stdout.write(`${JSON.stringify(settingsJsonSchema(), null, 2)}
`);
  return 0;
};
