import { assertHerokuName } from "../lib/heroku-name.ts";
import { type ConnectionRef, connectionKey } from "../model/connection.ts";

/** Refuses a space or connection name that Heroku cannot have given; the settings refuse them too. */
export const assertRef = (ref: ConnectionRef): void => {
  for (const field of ["space", "name"] as const) assertHerokuName(field, ref[field]);
};

/** What a 404 from Heroku means: right after its creation a connection is not found for a while, so it is not an error yet. */
export const notFoundReason = (ref: ConnectionRef): string =>
  `Heroku does not know ${connectionKey(ref)}: just created, or the space or the name is misspelt`;
