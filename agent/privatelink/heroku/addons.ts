import type { HerokuApi } from "../../lib/heroku-api.ts";
import { herokuNameProblem } from "../../lib/heroku-name.ts";
import { isNotFound } from "../../lib/refusal.ts";
import { quoted } from "../../lib/text.ts";
import { type HerokuTarget, targetKey } from "./heroku-links.ts";
import { addonsSchema, readWire } from "./wire.ts";
import { refuse, unknown } from "./wording.ts";

/** An add-on as Heroku itself names it. */
export interface Addon {
  readonly name: string;
  readonly uuid: string;
  /** "heroku-redis:private-3" */
  readonly plan: string;
}

/** An add-on's name, an attachment's (REDIS), its config var's (REDIS_URL), or another app's attachment (other::REDIS). */
const ADDON = /^(?:[a-z0-9-]{1,64}::)?[A-Za-z0-9](?:[A-Za-z0-9_-]{0,126}[A-Za-z0-9])?$/;

const assertTarget = ({ app, addon }: HerokuTarget): void => {
  const problem = herokuNameProblem(app);
  if (problem !== undefined) throw refuse(`--app ${quoted(app)} is no Heroku app's name.`, `Right would be: ${problem}.`);
  if (!ADDON.test(addon))
    throw refuse(
      `${quoted(addon)} is no add-on's name.`,
      "Give it as `heroku addons` shows it (redis-kvs-12345), or what it is attached as (REDIS, REDIS_URL).",
    );
};

const QUESTION_HEADERS = { accept: "application/vnd.heroku+json; version=3.sdk", "accept-expansion": "addon_service,plan" };

const unknownAddon = (target: HerokuTarget) =>
  unknown(
    `Heroku knows no add-on ${target.addon} of the app ${target.app}, or this token does not see it.`,
    `\`heroku addons --app ${target.app}\` lists those that there are.`,
  );

const ambiguous = (target: HerokuTarget, found: readonly Addon[]) =>
  refuse(
    [
      `${target.addon} is the name of ${found.length} add-ons of ${target.app}:`,
      ...found.map(({ name, plan }) => `  ${name} (${plan || "plan unknown"})`),
    ].join("\n"),
    "Name one of these.",
  );

/** The tier is the word before the plan's number; an unknown plan is left to Heroku to judge. */
const assertTier = (target: HerokuTarget, { name, plan }: Addon): void => {
  const tier = plan.split(":")[1];
  if (tier === undefined || tier === "" || /^(?:private|shield)\b/.test(tier)) return;
  throw refuse(
    `${targetKey({ ...target, addon: name })} has the plan ${plan}, and only data services of a Private or Shield Space have PrivateLinks.`,
    "It takes a plan whose name begins with private- or shield-, for example heroku-redis:private-3; `heroku addons:plans SERVICE` lists them.",
  );
};

/** Finds add-ons over the Platform API, and remembers them: a data service keeps its name. */
export class Addons {
  readonly #api: HerokuApi;
  readonly #known = new Map<string, Addon>();

  constructor(api: HerokuApi) {
    this.#api = api;
  }

  /** Throws PRIVATELINK_NOT_FOUND, PRIVATELINK_REFUSED (no name, ambiguous, another tier), SOURCE_…. */
  async resolve(target: HerokuTarget, signal: AbortSignal): Promise<Addon> {
    assertTarget(target);
    const key = targetKey(target);
    const addon = this.#known.get(key) ?? (await this.#ask(target, signal));
    assertTier(target, addon);
    this.#known.set(key, addon);
    return addon;
  }

  /** Somebody may have destroyed it, or made another one in its place. */
  forget(target: HerokuTarget): void {
    this.#known.delete(targetKey(target));
  }

  async #ask(target: HerokuTarget, signal: AbortSignal): Promise<Addon> {
    const about = targetKey(target);
    const answer = await this.#api.ask({
      method: "POST",
      path: "/actions/addons/resolve",
      headers: QUESTION_HEADERS,
      body: { app: target.app, addon: target.addon },
      asksOnly: true,
      about,
      signal,
    });
    if (isNotFound(answer)) throw unknownAddon(target);
    if (answer.status !== 200) throw answer.refusal();
    const found = readWire(addonsSchema, answer.body, about).map(({ name, id, plan }) => ({
      name,
      uuid: id,
      plan: plan?.name ?? "",
    }));
    const [only, ...others] = found;
    if (!only) throw unknownAddon(target);
    const exact = found.find(({ name }) => name === target.addon);
    if (others.length > 0 && !exact) throw ambiguous(target, found);
    return exact ?? only;
  }
}
