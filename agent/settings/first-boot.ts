import { stat } from "node:fs/promises";
import { stringify } from "yaml";
import * as z from "zod";
import { SpacegateError } from "../lib/errors.ts";
import { type FirstBoot, firstBootSchema } from "../model/first-boot.ts";
import type { Settings } from "../model/settings.ts";
import { type Grammar, parseAs, parseSettings } from "./parse.ts";
import { type SettingsProblem, settingsError } from "./problem.ts";
import { readText } from "./read.ts";
import type { SchemaNode } from "./schema.ts";

const FIX =
  "Correct the user data (or the file) and run `spacegate first-boot` again; the README, First boot, describes every key.";

const GRAMMAR: Grammar<FirstBoot> = {
  schema: firstBootSchema,
  nodes: z.toJSONSchema(firstBootSchema, { io: "input" }) as SchemaNode,
  rules: () => [],
  fix: FIX,
};

/** undefined when there is no such file. Throws SETTINGS_INVALID. */
export const readFirstBoot = async (file: string): Promise<FirstBoot | undefined> => {
  const isThere = await stat(file).then(
    () => true,
    (thrown: NodeJS.ErrnoException) => thrown.code !== "ENOENT",
  );
  return isThere ? parseAs(GRAMMAR, await readText(file), file) : undefined;
};

const problemsOf = ({ details }: SpacegateError): readonly SettingsProblem[] =>
  (details.problems as readonly SettingsProblem[] | undefined) ?? [];

const below = (prefix: string, path: string): string =>
  path === "" || path.startsWith("[") ? `${prefix}${path}` : `${prefix}.${path}`;

/** Settings that stand in a first-boot file, as the text of a settings file. Throws SETTINGS_INVALID, which names `file`. */
export const inlineSettings = (inline: object, file: string): { readonly text: string; readonly settings: Settings } => {
  const text = stringify(inline, { lineWidth: 0 });
  try {
    return { text, settings: parseSettings(text, file) };
  } catch (thrown) {
    if (!(thrown instanceof SpacegateError)) throw thrown;
    // Lines of a text that nobody has seen would mislead.
    const problems = problemsOf(thrown).map((one) => ({ ...one, line: 0, column: 0, path: below("settings.inline", one.path) }));
    throw settingsError(problems, FIX, thrown);
  }
};
