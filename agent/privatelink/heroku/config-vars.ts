import type { HerokuApi } from "../../lib/heroku-api.ts";
import { assertHerokuName } from "../../lib/heroku-name.ts";
import { isNotFound } from "../../lib/refusal.ts";
import { Secret } from "../../lib/secret.ts";
import { quoted } from "../../lib/text.ts";
import type { ConnectionUrl } from "./heroku-links.ts";
import { configVarsSchema, readWire } from "./wire.ts";
import { refuse, unknown } from "./wording.ts";

/** The last 17 characters of an endpoint's id, in upper case, as config vars are named by them; undefined for what is no id. */
export const endpointMark = (endpointId: string): string | undefined =>
  /^vpce-([0-9a-f]{17})$/.exec(endpointId)?.[1]?.toUpperCase();

const isUrlOf = (mark: string, name: string): boolean => name.endsWith(`_ENDPOINT_${mark}_URL`);

/** Reads an app's config vars, and lets go at once of all that are not asked for. */
export class ConfigVars {
  readonly #api: HerokuApi;

  constructor(api: HerokuApi) {
    this.#api = api;
  }

  /** Throws PRIVATELINK_NOT_FOUND (the app), PRIVATELINK_REFUSED (no endpoint's id), SOURCE_…. */
  async connectionUrls(app: string, endpointId: string, signal: AbortSignal): Promise<readonly ConnectionUrl[]> {
    assertHerokuName("app", app);
    const mark = endpointMark(endpointId);
    if (mark === undefined)
      throw refuse(`${quoted(endpointId)} is no VPC endpoint's id.`, "Give it as AWS shows it: vpce-01c87ae3c05563935.");
    const about = `${app}'s config vars`;
    const answer = await this.#api.ask({ method: "GET", path: `/apps/${app}/config-vars`, about, signal });
    if (isNotFound(answer))
      throw unknown(
        `Heroku knows no app ${app}, or this token does not see it.`,
        "`heroku apps --all` lists those that it sees.",
      );
    if (answer.status !== 200) throw answer.refusal();
    return Object.entries(readWire(configVarsSchema, answer.body, about))
      .flatMap(([name, url]) => (url && isUrlOf(mark, name) ? [{ name, url: new Secret(url) }] : []))
      .sort((a, b) => a.name.localeCompare(b.name, "en"));
  }
}
