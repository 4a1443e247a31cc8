import { randomUUID } from "node:crypto";
import type { Clock } from "./clock.ts";
import type { HttpAnswer, HttpClient } from "./http.ts";
import { type Method, refusalOf, type Wording } from "./refusal.ts";
import type { Secret } from "./secret.ts";

export interface HerokuApiOptions {
  /** Without a path; from `apiBase`. */
  readonly base: URL;
  readonly http: HttpClient;
  readonly clock: Pick<Clock, "now">;
  /** Called before each question. */
  readonly token: () => Promise<Secret>;
  readonly userAgent: string;
  /** How the token is sent. basic: as a password without a user, which the Data API wants. Absent: bearer. */
  readonly scheme?: "bearer" | "basic";
  /** What refusals are told with; absent: a VPN connection's. */
  readonly wording?: Wording;
}

export interface Question {
  readonly method: Method;
  /** From the root, with its parts encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** True for a POST that changes nothing: its refusals are a question's. */
  readonly asksOnly?: boolean;
  /** What it is about, for messages: "acme-space/office". */
  readonly about: string;
  readonly signal: AbortSignal;
}

export interface ApiAnswer extends HttpAnswer {
  /** The error for an answer that is of no use to the one who asked. Heroku's words in it are free of the token. */
  readonly refusal: () => Error;
}

const authorization = (token: Secret, scheme: HerokuApiOptions["scheme"]): string =>
  scheme === "basic" ? `Basic ${Buffer.from(`:${token.reveal()}`).toString("base64")}` : `Bearer ${token.reveal()}`;

/** One of Heroku's APIs, Platform or Data: one question a call; back-off is the caller's (`details.retryAfterMs` of a refusal). */
export class HerokuApi {
  readonly #options: HerokuApiOptions;

  constructor(options: HerokuApiOptions) {
    this.#options = options;
  }

  /** Resolves with whatever status Heroku answers. Throws as `HttpClient` does, and TOKEN_MISSING. */
  async ask({ method, path, headers = {}, body, asksOnly, about, signal }: Question): Promise<ApiAnswer> {
    const { http, base, clock, wording } = this.#options;
    const token = await this.#options.token();
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const answer = await http.send({
      method,
      url: new URL(path, base),
      headers: { ...this.#headers(token), ...(sent === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(sent === undefined ? {} : { body: sent }),
      signal,
    });
    return {
      ...answer,
      refusal: () => refusalOf({ method: asksOnly ? "GET" : method, about, wording }, answer, token, clock.now()),
    };
  }

  #headers(token: Secret): Record<string, string> {
    return {
      accept: "application/vnd.heroku+json; version=3",
      authorization: authorization(token, this.#options.scheme),
      "request-id": randomUUID(),
      "user-agent": this.#options.userAgent,
    };
  }
}
