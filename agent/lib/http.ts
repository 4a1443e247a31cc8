import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Environment } from "./environment.ts";
import { SpacegateError } from "./errors.ts";
import { isLoopback } from "./heroku-host.ts";
import { MAX_ANSWER_BYTES } from "./json.ts";

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; of a repeated header the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** One request that follows no redirect, so that the token goes nowhere but to the host it is meant for. */
export interface HttpClient {
  /** Throws SOURCE_UNAVAILABLE or SOURCE_MALFORMED (too big); with the signal's reason when the caller gave up. */
  send(request: HttpRequest): Promise<HttpAnswer>;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was cut",
  ENOTFOUND: "its name does not resolve",
  EAI_AGAIN: "no name server answers",
  ETIMEDOUT: "no connection in time",
  ERR_PROXY_TUNNEL: "the proxy refuses the way there",
  CERT_HAS_EXPIRED: "its certificate has expired",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not trusted",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is not trusted",
};

const codesOf = (thrown: unknown): string[] => {
  if (!(thrown instanceof Error)) return [];
  const own = "code" in thrown && typeof thrown.code === "string" ? [thrown.code] : [];
  const inner = thrown instanceof AggregateError ? thrown.errors : [thrown.cause];
  return [...own, ...inner.flatMap(codesOf)];
};

/** Known codes only: an HTTP library's message may quote a proxy's address with its password. */
const unavailable = (url: URL, thrown: unknown): SpacegateError => {
  const codes = codesOf(thrown);
  const reason = codes.map((code) => REASONS[code]).find((text) => text !== undefined) ?? codes[0] ?? "the request failed";
  return new SpacegateError("SOURCE_UNAVAILABLE", `${url.host} cannot be reached: ${reason}`, {
    fix: `Check that this host reaches ${url.host} (name resolution, firewall, HTTPS_PROXY); the tunnels are not affected.`,
    details: { codes },
  });
};

const timedOut = (url: URL, timeoutMs: number): SpacegateError =>
  new SpacegateError("SOURCE_UNAVAILABLE", `${url.host} did not answer within ${timeoutMs / 1000} s`, {
    fix: "Wait, or raise heroku.timeout; the tunnels are not affected.",
  });

const readBody = async (url: URL, stream: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) {
      throw new SpacegateError("SOURCE_MALFORMED", `${url.host} answered with more than 1 MiB`, {
        fix: "Check what answers in Heroku's place: a connection's details are a few hundred bytes.",
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
};

const firstValues = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const first = Array.isArray(value) ? value[0] : value;
      return first === undefined ? [] : [[name, first]];
    }),
  );

/** The variables' lower-case spelling counts first, as in other programs. */
const proxyVariables = (env: Environment): Record<string, string> => {
  const https_proxy = env.https_proxy ?? env.HTTPS_PROXY ?? env.http_proxy ?? env.HTTP_PROXY ?? "";
  return { ...(https_proxy === "" ? {} : { https_proxy }), no_proxy: env.no_proxy ?? env.NO_PROXY ?? "" };
};

const refuseProxy = (): SpacegateError =>
  // Without the cause: it carries the address, and a password may stand in it.
  new SpacegateError("SETTINGS_INVALID", "HTTPS_PROXY or HTTP_PROXY is no address of a proxy", {
    fix: "Write it as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT.",
  });

type Ask = (request: HttpRequest) => Promise<IncomingMessage>;

/** Plain HTTP is for loopback alone, and goes through no proxy. */
const askerFor = (base: URL, env: Environment): Ask => {
  if (base.protocol === "http:") {
    const agent = new HttpAgent();
    return (request) => ask(httpRequest, agent, request);
  }
  const proxyEnv = proxyVariables(env);
  if (proxyEnv.https_proxy !== undefined && !/^https?:$/.test(URL.parse(proxyEnv.https_proxy)?.protocol ?? ""))
    throw refuseProxy();
  const agent = new HttpsAgent(isLoopback(base) ? {} : { proxyEnv });
  return (request) => ask(httpsRequest, agent, request);
};

const ask = (request: typeof httpsRequest, agent: HttpAgent, { method, url, headers, body, signal }: HttpRequest) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { agent, method, headers, signal }, resolve).once("error", reject).end(body);
  });

/**
 * HTTP for one base address: proxies by the environment's variables (never for loopback), `timeoutMs` for a whole answer.
 * Throws SETTINGS_INVALID for a proxy variable that cannot be used.
 */
export const createHttpClient = (base: URL, env: Environment, timeoutMs: number): HttpClient => {
  const asker = askerFor(base, env);
  return {
    send: async (request) => {
      const { url, signal } = request;
      const timeout = AbortSignal.timeout(timeoutMs);
      try {
        const answer = await asker({ ...request, signal: AbortSignal.any([signal, timeout]) });
        return { status: answer.statusCode ?? 0, headers: firstValues(answer.headers), body: await readBody(url, answer) };
      } catch (thrown) {
        signal.throwIfAborted();
        if (thrown instanceof SpacegateError) throw thrown;
        throw timeout.aborted ? timedOut(url, timeoutMs) : unavailable(url, thrown);
      }
    },
  };
};
