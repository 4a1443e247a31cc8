import { SpacegateError } from "../lib/errors.ts";
import type { ConnectionRef } from "../model/connection.ts";
import { quoted } from "./text.ts";

const HEROKU_NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/**
 * Refuses a space or connection name that Heroku cannot have given. The settings refuse them too; here they are about to
 * become part of a URL and of a command's arguments, where "-x" would be an option and "../x" another question.
 */
export const assertRef = (ref: ConnectionRef): void => {
  for (const field of ["space", "name"] as const) {
    if (HEROKU_NAME.test(ref[field])) continue;
    throw new SpacegateError("CONNECTION_INVALID", `${field}: ${quoted(ref[field])} is no Heroku name`, {
      fix: "Use the name as Heroku shows it: lower-case letters, digits and inner hyphens, 64 at most.",
    });
  }
};
