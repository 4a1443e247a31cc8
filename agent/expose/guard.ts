import type { FastifyInstance } from "fastify";
import { DRAIN_PATH } from "./drain-routes.ts";

/** Who may ask. */
export interface Access {
  /** Values of the Host header that are answered, without a port; undefined: any. */
  readonly hosts: ReadonlySet<string> | undefined;
  /** By the Authorization header. */
  readonly isAllowed: (authorization: string | undefined) => boolean;
  /** True for a connection of the agent's own commands, which the file system has let in already. */
  readonly isLocal: (socket: object) => boolean;
}

/** Nothing is learned from it but that the process answers, and load balancers seldom have tokens. */
const FREE_PATH = "/livez";

const CHALLENGE = 'Bearer realm="spacegate", Basic realm="spacegate"';

/** What the status page needs from its own origin is let in, and nothing else. */
export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
};

const hostName = (header: string): string => header.replace(/:\d+$/, "").toLowerCase();

/** A page in somebody's browser could otherwise read the answers under a name of its own (DNS rebinding). */
const refuseForeignHosts = (app: FastifyInstance, { hosts, isLocal }: Access): void => {
  if (!hosts) return;
  app.addHook("onRequest", async (request, reply) =>
    hosts.has(hostName(request.headers.host ?? "")) || isLocal(request.raw.socket)
      ? undefined
      : reply.code(421).send({ error: "This host name is not served here." }),
  );
};

/** Before the body is read: nobody's body is of interest. Over the network nothing can be changed. */
const refuseOtherMethods = (app: FastifyInstance, { isLocal }: Access): void => {
  app.addHook("onRequest", async (request, reply) =>
    request.method === "GET" ||
    request.method === "HEAD" ||
    (request.routeOptions.url === DRAIN_PATH && isLocal(request.raw.socket))
      ? undefined
      : reply.code(405).header("allow", "GET, HEAD").send({ error: "GET only" }),
  );
};

const refuseStrangers = (app: FastifyInstance, { isAllowed, isLocal }: Access): void => {
  app.addHook("onRequest", async (request, reply) =>
    request.routeOptions.url === FREE_PATH || isLocal(request.raw.socket) || isAllowed(request.headers.authorization)
      ? undefined
      : reply.code(401).header("www-authenticate", CHALLENGE).send({ error: "The bearer token of listen.token_file is needed." }),
  );
};

/** Puts the guards before every route, those of pages that are not there too. */
export const guard = (app: FastifyInstance, access: Access): void => {
  refuseForeignHosts(app, access);
  refuseOtherMethods(app, access);
  refuseStrangers(app, access);
  app.addHook("onSend", async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
};
