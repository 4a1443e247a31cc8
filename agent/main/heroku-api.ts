import { join } from "node:path";
import { systemClock } from "../lib/clock.ts";
import { HerokuApi } from "../lib/heroku-api.ts";
import { apiBase } from "../lib/heroku-host.ts";
import { createHttpClient } from "../lib/http.ts";
import type { Secret } from "../lib/secret.ts";
import { readToken, STORED_TOKEN_PATH } from "../source/token.ts";
import { VERSION } from "./version.ts";

const TIMEOUT_MS = 15_000;

/** Heroku's Platform API for commands; `token` without an own one finds it where the daemon does. Throws SETTINGS_INVALID. */
export const openHerokuApi = (root: string, token?: () => Promise<Secret>): HerokuApi => {
  const base = apiBase(process.env);
  return new HerokuApi({
    base,
    http: createHttpClient(base, process.env, TIMEOUT_MS),
    clock: systemClock,
    token: token ?? (() => readToken(process.env, join(root, STORED_TOKEN_PATH))),
    userAgent: `spacegate/${VERSION}`,
  });
};
