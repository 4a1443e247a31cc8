import { SpacegateError } from "./errors.ts";
import { quoted } from "./text.ts";

const HEROKU_NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

export const isHerokuName = (text: string): boolean => HEROKU_NAME.test(text);

/** What is wrong with a name that somebody types; undefined when nothing is. */
export const herokuNameProblem = (text: string): string | undefined =>
  isHerokuName(text) ? undefined : "lower-case letters, digits and inner hyphens, 64 at most";

/**
 * Refuses a name that Heroku cannot have given or would not take: it is about to become part of a URL and of a command's
 * arguments, where "-x" would be an option and "../x" another question.
 */
export const assertHerokuName = (field: string, text: string): void => {
  if (isHerokuName(text)) return;
  throw new SpacegateError("CONNECTION_INVALID", `${field}: ${quoted(text)} is no Heroku name`, {
    fix: "Use the name as Heroku shows it: lower-case letters, digits and inner hyphens, 64 at most.",
  });
};
