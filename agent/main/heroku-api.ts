import { join } from "node:path";
import { systemClock } from "../lib/clock.ts";
import { HerokuApi, type HerokuApiOptions } from "../lib/heroku-api.ts";
import { apiBase, dataApiBase } from "../lib/heroku-host.ts";
import { createHttpClient } from "../lib/http.ts";
import type { Secret } from "../lib/secret.ts";
import { readToken, STORED_TOKEN_PATH } from "../source/token.ts";
import { VERSION } from "./version.ts";

const TIMEOUT_MS = 15_000;

interface ApiOptions extends Pick<HerokuApiOptions, "wording"> {
  /** Without an own one it is found where the daemon finds it. */
  readonly token?: () => Promise<Secret>;
}

const openApi = (base: URL, root: string, { token, ...options }: ApiOptions & Pick<HerokuApiOptions, "scheme">): HerokuApi =>
  new HerokuApi({
    base,
    http: createHttpClient(base, process.env, TIMEOUT_MS),
    clock: systemClock,
    token: token ?? (() => readToken(process.env, join(root, STORED_TOKEN_PATH))),
    userAgent: `spacegate/${VERSION}`,
    ...options,
  });

/** Heroku's Platform API for commands. Throws SETTINGS_INVALID. */
export const openHerokuApi = (root: string, options: ApiOptions = {}): HerokuApi => openApi(apiBase(process.env), root, options);

/** Heroku's Data API for commands. Throws SETTINGS_INVALID. */
export const openDataApi = (root: string, options: ApiOptions = {}): HerokuApi =>
  openApi(dataApiBase(process.env), root, { ...options, scheme: "basic" });
