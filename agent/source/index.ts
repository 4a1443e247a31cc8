import type { Clock } from "../lib/clock.ts";
import { parseDuration } from "../lib/duration.ts";
import type { Environment } from "../lib/environment.ts";
import { SpacegateError } from "../lib/errors.ts";
import { HerokuApi } from "../lib/heroku-api.ts";
import { apiBase } from "../lib/heroku-host.ts";
import { createHttpClient } from "../lib/http.ts";
import type { Settings } from "../model/settings.ts";
import type { Source } from "../model/source.ts";
import { FileSource } from "./file.ts";
import { HerokuCliSource } from "./heroku-cli.ts";
import { PlatformApiSource } from "./platform-api.ts";
import { findToken, readToken } from "./token.ts";

export { LAST_GOOD_PATH, LastGoodCopy } from "./last-good.ts";
export { ConnectionPoller } from "./poller.ts";
export { watchFile } from "./watch.ts";

export interface SourceDeps {
  /** The process's variables: token, HEROKU_HOST, proxies, and PATH and HOME for the client. */
  readonly env: Environment;
  readonly clock: Clock;
  /** The file of the systemd credential, for who has no CREDENTIALS_DIRECTORY. */
  readonly storedToken?: string;
  /** The agent's own version, for the User-Agent header. */
  readonly version: string;
}

/** The source that the settings ask for. Throws SETTINGS_INVALID for a HEROKU_HOST that must not be sent a token. */
export const createSource = (heroku: Settings["heroku"], { env, clock, version, storedToken }: SourceDeps): Source => {
  const timeoutMs = parseDuration(heroku.timeout) ?? 10_000;
  if (heroku.source === "file") return new FileSource(requiredFile(heroku.file));
  // The client ignores a host that it does not like and asks heroku.com instead: that too is refused here.
  const base = apiBase(env);
  if (heroku.source === "heroku-cli") return new HerokuCliSource({ env, timeoutMs, token: () => findToken(env, storedToken) });
  const http = createHttpClient(base, env, timeoutMs);
  const api = new HerokuApi({ base, http, clock, token: () => readToken(env, storedToken), userAgent: `spacegate/${version}` });
  return new PlatformApiSource(api);
};

const requiredFile = (file: string | undefined): string => {
  if (file !== undefined) return file;
  throw new SpacegateError("SETTINGS_INVALID", "heroku.file is missing", {
    fix: "Say which file: `file: /etc/spacegate/connections.json`.",
  });
};
