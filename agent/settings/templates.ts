import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf, messageOf, SpacegateError } from "../lib/errors.ts";

/** Larger than any template could sensibly be. */
const MAX_LENGTH = 256 * 1024;

const readOwn = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT" || errnoOf(thrown) === "ENOTDIR") return undefined;
    throw new SpacegateError("TEMPLATE_INVALID", `${path} cannot be read: ${messageOf(thrown)}`, {
      fix: "Correct its owner and mode, or remove it: without it the built-in template is used.",
      cause: thrown,
    });
  }
};

/** Each template's text: the owner's from `own` where there is one, the built-in one otherwise. Rejects with TEMPLATE_INVALID. */
export const readTemplates = async <Name extends string>(
  names: readonly Name[],
  own: string,
  builtIn: string,
): Promise<Record<Name, string>> => {
  const texts = await Promise.all(
    names.map(async (name) => {
      const text = (await readOwn(join(own, `${name}.hbs`))) ?? (await readFile(join(builtIn, `${name}.hbs`), "utf8"));
      if (text.length > MAX_LENGTH)
        throw new SpacegateError("TEMPLATE_INVALID", `The template ${name}.hbs is larger than ${MAX_LENGTH} bytes.`, {
          fix: `Remove ${join(own, `${name}.hbs`)}; without it the built-in template is used.`,
        });
      return [name, text] as const;
    }),
  );
  return Object.fromEntries(texts) as Record<Name, string>;
};
