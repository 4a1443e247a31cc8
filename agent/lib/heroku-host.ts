import type { Environment } from "./environment.ts";
import { SpacegateError } from "./errors.ts";
import { quoted } from "./text.ts";

/** The domains that Heroku's own client talks to. */
const HEROKU_DOMAINS = ["heroku.com", "herokai.com", "herokuspace.com", "herokudev.com"];
const LOOPBACK = ["localhost", "127.0.0.1"];

export const isLoopback = (base: URL): boolean => LOOPBACK.includes(base.hostname);

const isHeroku = (base: URL): boolean =>
  base.protocol === "https:" && HEROKU_DOMAINS.some((domain) => base.hostname === domain || base.hostname.endsWith(`.${domain}`));

const isPlainBase = (base: URL): boolean =>
  base.username === "" && base.password === "" && base.search === "" && base.hash === "" && /^https?:$/.test(base.protocol);

/** Throws SETTINGS_INVALID for a host that is neither Heroku's nor loopback: it would be sent the token. */
const trustedBase = (variable: string, host: string, text: string, right: string): URL => {
  const base = URL.canParse(text) ? new URL(text) : undefined;
  if (base && isPlainBase(base) && (isHeroku(base) || isLoopback(base))) return base;
  throw new SpacegateError("SETTINGS_INVALID", `${variable} ${quoted(host)} is neither one of Heroku's hosts nor this machine`, {
    fix: `Unset ${variable}, or give ${right} or, for a stand-in on this machine, http://127.0.0.1:PORT.`,
  });
};

const isUrl = (host: string): boolean => /^https?:\/\//.test(host);

/**
 * The Platform API's address: HEROKU_HOST as the client reads it (a whole URL, or a domain before which "api." is put), else
 * https://api.heroku.com. Throws SETTINGS_INVALID for a host that is neither Heroku's nor loopback.
 */
export const apiBase = (env: Environment): URL => {
  const host = env.HEROKU_HOST;
  if (!host) return new URL("https://api.heroku.com");
  return trustedBase("HEROKU_HOST", host, isUrl(host) ? host : `https://api.${host}`, "heroku.com");
};

/**
 * The Data API's address: HEROKU_DATA_HOST as the client's plugins read it (a host; here a whole URL too), else
 * https://api.data.heroku.com. Throws SETTINGS_INVALID as `apiBase` does.
 */
export const dataApiBase = (env: Environment): URL => {
  const host = env.HEROKU_DATA_HOST;
  if (!host) return new URL("https://api.data.heroku.com");
  return trustedBase("HEROKU_DATA_HOST", host, isUrl(host) ? host : `https://${host}`, "api.data.heroku.com");
};
