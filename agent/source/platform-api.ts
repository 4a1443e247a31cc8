import type { HerokuApi } from "../lib/heroku-api.ts";
import type { HttpAnswer } from "../lib/http.ts";
import { parseJson } from "../lib/json.ts";
import { isNotFound } from "../lib/refusal.ts";
import { type ConnectionRef, connectionKey } from "../model/connection.ts";
import type { Source, SourceAnswer } from "../model/source.ts";
import { parseConnection } from "./parse.ts";
import { assertRef, notFoundReason } from "./ref.ts";

interface Remembered {
  readonly etag: string;
  readonly answer: SourceAnswer;
}

/**
 * Asks Heroku's Platform API: GET /spaces/{space}/vpn-connections/{name}, once for each `fetch`; whoever calls does the
 * back-off (`details.retryAfterMs` of the error is what Heroku asked for).
 */
export class PlatformApiSource implements Source {
  readonly kind = "platform-api";
  readonly #api: HerokuApi;
  readonly #remembered = new Map<string, Remembered>();

  constructor(api: HerokuApi) {
    this.#api = api;
  }

  async fetch(ref: ConnectionRef, signal: AbortSignal): Promise<SourceAnswer> {
    assertRef(ref);
    const about = connectionKey(ref);
    const remembered = this.#remembered.get(about);
    const answer = await this.#api.ask({
      method: "GET",
      path: `/spaces/${encodeURIComponent(ref.space)}/vpn-connections/${encodeURIComponent(ref.name)}`,
      headers: remembered ? { "if-none-match": remembered.etag } : {},
      about,
      signal,
    });
    if (answer.status === 200) return this.#accept(ref, answer);
    if (answer.status === 304 && remembered) return remembered.answer;
    if (isNotFound(answer)) return this.#forget(ref);
    throw answer.refusal();
  }

  #accept(ref: ConnectionRef, { body, headers }: HttpAnswer): SourceAnswer {
    const value = parseJson(
      body,
      `Heroku's answer about ${connectionKey(ref)}`,
      "Check HEROKU_HOST and the proxy: Heroku answers in JSON.",
    );
    const answer = parseConnection(ref, value);
    const etag = headers.etag;
    if (etag) this.#remembered.set(connectionKey(ref), { etag, answer });
    else this.#remembered.delete(connectionKey(ref));
    return answer;
  }

  #forget(ref: ConnectionRef): SourceAnswer {
    this.#remembered.delete(connectionKey(ref));
    return { kind: "waiting", reason: notFoundReason(ref) };
  }
}
