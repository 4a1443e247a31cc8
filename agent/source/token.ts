import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../lib/environment.ts";
import { errnoOf, SpacegateError } from "../lib/errors.ts";
import { Secret } from "../lib/secret.ts";
import { netrcPassword } from "./netrc.ts";

/** Where the service's LoadCredential finds the token; a command that root runs by hand reads it there too. */
export const STORED_TOKEN_PATH = "/etc/credstore/heroku-api-key";

const MACHINE = "api.heroku.com";

const textOf = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOENT" || errno === "ENOTDIR") return undefined;
    throw new SpacegateError("TOKEN_MISSING", `${path} cannot be read (${errno ?? "unknown error"})`, {
      fix: `Let the agent's user read ${path}.`,
    });
  }
};

/** A token with a line break or a space inside would end up as a second header; an empty one is a wrong setup. */
export const toToken = (text: string, origin: string): Secret => {
  const value = text.trim();
  if (/^[\x21-\x7e]+$/.test(value)) return new Secret(value);
  throw new SpacegateError("TOKEN_MISSING", `the Heroku token in ${origin} is empty or holds characters that no token has`, {
    fix: "Make a token with `heroku authorizations:create --description spacegate` and put it there alone, on one line.",
  });
};

/** A file that only root reads is no fault of whoever is not root. */
const storedToken = async (path: string | undefined): Promise<Secret | undefined> => {
  const text = path === undefined ? undefined : await readFile(path, "utf8").catch(() => undefined);
  return text === undefined || path === undefined ? undefined : toToken(text, path);
};

/**
 * The Heroku API token: systemd credential `heroku-api-key`, else HEROKU_API_KEY, else the credential's file as it is
 * `stored`, else ~/.netrc; undefined when there is none.
 */
export const findToken = async (env: Environment, stored?: string): Promise<Secret | undefined> => {
  if (env.CREDENTIALS_DIRECTORY) {
    const credential = await textOf(join(env.CREDENTIALS_DIRECTORY, "heroku-api-key"));
    if (credential !== undefined) return toToken(credential, "the systemd credential heroku-api-key");
  }
  if (env.HEROKU_API_KEY) return toToken(env.HEROKU_API_KEY, "HEROKU_API_KEY");
  const kept = await storedToken(stored);
  if (kept) return kept;
  const path = join(env.HOME || homedir(), ".netrc");
  const password = netrcPassword((await textOf(path)) ?? "", MACHINE);
  return password === undefined ? undefined : toToken(password, path);
};

/** As `findToken`; throws TOKEN_MISSING when there is none. Read anew each time, so that a rotated token is seen. */
export const readToken = async (env: Environment, stored?: string): Promise<Secret> => {
  const token = await findToken(env, stored);
  if (token) return token;
  throw new SpacegateError("TOKEN_MISSING", "there is no Heroku API token", {
    fix: "Make one with `heroku authorizations:create --description spacegate` and give it as the systemd credential heroku-api-key (/etc/credstore/heroku-api-key), as HEROKU_API_KEY, or in ~/.netrc for machine api.heroku.com.",
  });
};
