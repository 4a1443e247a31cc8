import { randomUUID } from "node:crypto";
import type { Clock } from "../lib/clock.ts";
import type { Secret } from "../lib/secret.ts";
import { type ConnectionRef, connectionKey } from "../model/connection.ts";
import type { Source, SourceAnswer } from "../model/source.ts";
import type { HttpAnswer, HttpClient } from "./http.ts";
import { parseJson } from "./json.ts";
import { parseConnection } from "./parse.ts";
import { assertRef } from "./ref.ts";
import { isNotFound, notFoundReason, refusalOf } from "./refusal.ts";

export interface PlatformApiOptions {
  /** Without a path; from `apiBase`. */
  readonly base: URL;
  readonly http: HttpClient;
  readonly clock: Pick<Clock, "now">;
  /** Called before each question. */
  readonly token: () => Promise<Secret>;
  readonly userAgent: string;
}

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
  readonly #options: PlatformApiOptions;
  readonly #remembered = new Map<string, Remembered>();

  constructor(options: PlatformApiOptions) {
    this.#options = options;
  }

  async fetch(ref: ConnectionRef, signal: AbortSignal): Promise<SourceAnswer> {
    assertRef(ref);
    const { http, base, clock } = this.#options;
    const token = await this.#options.token();
    const remembered = this.#remembered.get(connectionKey(ref));
    const url = new URL(`/spaces/${encodeURIComponent(ref.space)}/vpn-connections/${encodeURIComponent(ref.name)}`, base);
    const answer = await http.get(url, this.#headers(token, remembered), signal);
    if (answer.status === 200) return this.#accept(ref, answer);
    if (answer.status === 304 && remembered) return remembered.answer;
    if (isNotFound(answer)) return this.#forget(ref);
    throw refusalOf(ref, answer, token, clock.now());
  }

  #headers(token: Secret, remembered: Remembered | undefined): Record<string, string> {
    return {
      accept: "application/vnd.heroku+json; version=3",
      authorization: `Bearer ${token.reveal()}`,
      "request-id": randomUUID(),
      "user-agent": this.#options.userAgent,
      ...(remembered ? { "if-none-match": remembered.etag } : {}),
    };
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
