import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { answerAboutEndpoints } from "./heroku-data-endpoints.ts";
import { answerAboutData, isDataPath } from "./heroku-data-routes.ts";
import { answer, failure, type Question, type Reply } from "./routes.ts";
import { type Fault, fileStore, memoryStore, type StandInState, type StateStore, type WireObject } from "./state.ts";

export type { StandInState } from "./state.ts";

/** What was asked; `authorization` is left out of the headers. */
interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** 0: no answer was given. */
  readonly status: number;
}

export interface StandInOptions {
  /** 0 or absent: any free one. */
  readonly port?: number;
  /** The file is read anew for each request. */
  readonly statePath?: string;
  readonly state?: StandInState;
  readonly log?: (line: string) => void;
  /** Milliseconds since the epoch; absent: the machine's. */
  readonly now?: () => number;
}

export interface StandIn {
  /** http://127.0.0.1:PORT, for HEROKU_HOST. */
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** What it knows: for stand-ins of other services in the same process. */
  readonly store: StateStore;
  close(): Promise<void>;
}

const ACCEPT = /^application\/vnd\.heroku\+json;\s*version=3(\.\w+)?$/;
const MAX_BODY = 64 * 1024;

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** The Data API takes the token as a password, the Platform API as it is. */
const tokenOf = ({ headers: { authorization = "" } }: IncomingMessage, isData: boolean): string => {
  const given = (isData ? /^Basic (.+)$/ : /^Bearer (.+)$/).exec(authorization)?.[1] ?? "";
  return isData ? Buffer.from(given, "base64").toString().replace(/^:/, "") : given;
};

/** Refuses as Heroku does: no or another token, or not the version that is spoken here. */
const doorkeeper = (request: IncomingMessage, isData: boolean, { token }: StandInState): Reply | undefined => {
  const given = tokenOf(request, isData);
  if (!timingSafeEqual(digest(given), digest(token))) return failure(401, "unauthorized", "Invalid credentials provided.");
  const accepts = ACCEPT.test(request.headers.accept ?? "");
  return accepts ? undefined : failure(406, "not_acceptable", "Accept must be application/vnd.heroku+json; version=3.");
};

const readBody = async (request: IncomingMessage): Promise<WireObject | undefined> => {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_BODY) throw new Error("body too large");
  }
  return text === "" ? undefined : (JSON.parse(text) as WireObject);
};

const HTML = "<!DOCTYPE html><html><body><h1>Sign in to the network</h1></body></html>";

/** The fault that this request meets. */
const faultFor = ({ method, url = "" }: IncomingMessage, { fault }: StandInState): Fault | undefined => {
  // What other stand-ins ask is no part of Heroku.
  if (!fault || fault.times === 0 || url.startsWith("/stand-in/") || !url.startsWith(fault.at ?? "")) return undefined;
  return fault.only === undefined || fault.only === method ? fault : undefined;
};

/** True when the fault has taken the place of an answer. */
const applyFault = async (fault: Fault | undefined, response: ServerResponse): Promise<boolean> => {
  switch (fault?.kind) {
    case "status": {
      if (fault.retryAfter !== undefined) response.setHeader("retry-after", String(fault.retryAfter));
      const id = fault.status === 429 ? "rate_limit" : "internal_server_error";
      response
        .writeHead(fault.status, { "content-type": "application/json" })
        .end(JSON.stringify({ id, message: "As ordered." }));
      return true;
    }
    case "html":
      response.writeHead(200, { "content-type": "text/html" }).end(HTML);
      return true;
    case "reset":
      response.socket?.resetAndDestroy();
      return true;
    case "hang":
      return true;
    case "slow":
      await delay(fault.ms);
      return false;
    default:
      return false;
  }
};

const sendCut = (response: ServerResponse, text: string, fault: "malformed" | "truncated"): void => {
  const half = text.slice(0, text.length / 2);
  if (fault === "malformed") response.end(half);
  else response.setHeader("content-length", Buffer.byteLength(text)).write(half, () => response.socket?.destroy());
};

const send = (request: IncomingMessage, response: ServerResponse, reply: Reply, state: StandInState, fault?: Fault): void => {
  const text = JSON.stringify(reply.body);
  const etag = `"${digest(text).toString("hex").slice(0, 32)}"`;
  response.setHeader("content-type", "application/json");
  if (reply.status === 200 && state.etag !== false) {
    response.setHeader("etag", etag);
    if (request.headers["if-none-match"] === etag) {
      response.writeHead(304).end();
      return;
    }
  }
  response.statusCode = reply.status;
  const kind = fault?.kind;
  if (kind === "malformed" || kind === "truncated") sendCut(response, text, kind);
  else response.end(text);
};

const answerTo = async (request: IncomingMessage, question: Question, store: StateStore, now: number): Promise<Reply> => {
  const aside = await answerAboutEndpoints(question, store, now);
  if (aside) return aside;
  const refusal = doorkeeper(request, isDataPath(question.path), await store.read());
  return refusal ?? (await answerAboutData(question, store, now)) ?? answer(question, store, now);
};

const handle = async (request: IncomingMessage, response: ServerResponse, store: StateStore, now: number): Promise<void> => {
  const state = await store.read();
  const body = await readBody(request);
  response.setHeader("request-id", String(request.headers["request-id"] ?? "stand-in"));
  response.setHeader("ratelimit-remaining", "4499");
  if (state.clockAheadMs !== undefined) response.setHeader("date", new Date(Date.now() + state.clockAheadMs).toUTCString());
  const fault = faultFor(request, state);
  if (fault?.times !== undefined) await store.write({ ...state, fault: { ...fault, times: fault.times - 1 } });
  if (await applyFault(fault, response)) return;
  const path = new URL(request.url ?? "/", "http://stand-in").pathname;
  const reply = await answerTo(request, { method: request.method ?? "GET", path, body }, store, now);
  send(request, response, reply, state, fault);
};

const seen = (request: IncomingMessage, response: ServerResponse): SeenRequest => ({
  method: request.method ?? "",
  path: request.url ?? "",
  headers: Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) => (name === "authorization" ? [] : [[name, String(value)]])),
  ),
  status: response.headersSent ? response.statusCode : 0,
});

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });

const storeOf = ({ statePath, state }: StandInOptions): StateStore => {
  if (statePath !== undefined) return fileStore(statePath);
  if (state) return memoryStore(state);
  throw new Error("the stand-in needs a state or a state file");
};

/** Starts a server on 127.0.0.1 that answers as Heroku's APIs do about spaces, their VPN connections, and data services. */
export const startPlatformApi = async (options: StandInOptions): Promise<StandIn> => {
  const store = storeOf(options);
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    response.once("close", () => {
      const entry = seen(request, response);
      requests.push(entry);
      options.log?.(`${entry.method} ${entry.path} ${entry.status}`);
    });
    handle(request, response, store, (options.now ?? Date.now)()).catch((thrown: unknown) => {
      // The name only: a JSON parser's words may quote a PSK of the state file.
      options.log?.(`stand-in: ${thrown instanceof Error ? thrown.name : "failure"}`);
      if (!response.headersSent)
        response
          .writeHead(500, { "content-type": "application/json" })
          .end('{"id":"internal_server_error","message":"stand-in"}');
    });
  });
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    store,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
