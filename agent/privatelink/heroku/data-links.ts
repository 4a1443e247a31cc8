import type { ApiAnswer, HerokuApi, Question } from "../../lib/heroku-api.ts";
import { isNotFound } from "../../lib/refusal.ts";
import type { HerokuLink } from "../../model/privatelink.ts";
import { Addons } from "./addons.ts";
import { ConfigVars } from "./config-vars.ts";
import { type ConnectionUrl, type HerokuLinks, type HerokuTarget, targetKey } from "./heroku-links.ts";
import { readLink } from "./wire.ts";
import { unknown } from "./wording.ts";

interface Apis {
  /** Platform API. */
  readonly platform: HerokuApi;
  /** Data API. */
  readonly data: HerokuApi;
}

const isDone = ({ status }: ApiAnswer): boolean => status >= 200 && status <= 299;

/** Data API's own words for "not found" are not documented: JSON is enough, and HTML is somebody else's. */
const isAbsent = (answer: ApiAnswer): boolean =>
  isNotFound(answer) || (answer.status === 404 && /\bjson\b/.test(answer.headers["content-type"] ?? ""));

const noLink = (target: HerokuTarget) =>
  unknown(
    `${targetKey(target)} has no PrivateLink.`,
    `Make one: spacegate privatelink create ${target.addon} --app ${target.app} --aws-account-id ID`,
  );

/** Heroku's side through its Data API, with add-ons and config vars from the Platform API. */
export class DataLinks implements HerokuLinks {
  readonly #data: HerokuApi;
  readonly #addons: Addons;
  readonly #configVars: ConfigVars;

  constructor({ platform, data }: Apis) {
    this.#data = data;
    this.#addons = new Addons(platform);
    this.#configVars = new ConfigVars(platform);
  }

  async describe(target: HerokuTarget, signal: AbortSignal): Promise<HerokuLink | undefined> {
    const answer = await this.#ask(target, "GET", "", undefined, signal);
    if (isAbsent(answer)) {
      this.#addons.forget(target);
      return undefined;
    }
    if (answer.status !== 200) throw answer.refusal();
    return readLink(answer.body, targetKey(target));
  }

  async create(target: HerokuTarget, accounts: readonly string[], signal: AbortSignal): Promise<HerokuLink> {
    const answer = await this.#ask(target, "POST", "", { allowed_accounts: accounts }, signal);
    if (!isDone(answer)) throw answer.refusal();
    return readLink(answer.body, targetKey(target));
  }

  async addAccounts(target: HerokuTarget, accounts: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#changeAccounts(target, "PUT", accounts, signal);
  }

  async removeAccounts(target: HerokuTarget, accounts: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#changeAccounts(target, "PATCH", accounts, signal);
  }

  async destroy(target: HerokuTarget, signal: AbortSignal): Promise<void> {
    const answer = await this.#ask(target, "DELETE", "", undefined, signal);
    if (!isAbsent(answer) && !isDone(answer)) throw answer.refusal();
  }

  connectionUrls(app: string, endpointId: string, signal: AbortSignal): Promise<readonly ConnectionUrl[]> {
    return this.#configVars.connectionUrls(app, endpointId, signal);
  }

  /** Heroku's PUT adds, and its PATCH removes. */
  async #changeAccounts(target: HerokuTarget, method: "PUT" | "PATCH", accounts: readonly string[], signal: AbortSignal) {
    const answer = await this.#ask(target, method, "/allowed_accounts", { allowed_accounts: accounts }, signal);
    if (isAbsent(answer)) throw noLink(target);
    if (!isDone(answer)) throw answer.refusal();
  }

  async #ask(
    target: HerokuTarget,
    method: Question["method"],
    rest: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<ApiAnswer> {
    const { name } = await this.#addons.resolve(target, signal);
    signal.throwIfAborted();
    return this.#data.ask({
      method,
      path: `/private-link/v0/databases/${encodeURIComponent(name)}${rest}`,
      ...(body === undefined ? {} : { body }),
      about: targetKey(target),
      // A change that was asked for is not left half-way: whether Heroku has heard it would not be known.
      signal: method === "GET" ? signal : new AbortController().signal,
    });
  }
}
