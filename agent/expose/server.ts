import { type FastifyInstance, fastify } from "fastify";
import { messageOf, SpacegateError } from "../lib/errors.ts";
import type { ObservedIke } from "../model/observed.ts";
import type { DeclaredWarning, Status } from "../model/status.ts";
import { healthBody, healthCode } from "./health-body.ts";
import { Metrics } from "./metrics.ts";

export interface Listen {
  readonly address: string;
  readonly port: number;
}

const LOOPBACK_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

const hostName = (header: string): string => header.replace(/:\d+$/, "");

/** A page in somebody's browser could otherwise read loopback's answers under a name of its own (DNS rebinding). */
const refuseForeignHosts = (app: FastifyInstance, address: string): void => {
  if (!address.startsWith("127.")) return;
  app.addHook("onRequest", async (request, reply) => {
    const host = hostName(request.headers.host ?? "");
    if (!LOOPBACK_HOSTS.has(host) && host !== address)
      return reply.code(421).send({ error: "This host name is not served here." });
    return undefined;
  });
};

/** Before the body is read: nobody's body is of interest. */
const refuseOtherMethods = (app: FastifyInstance): void => {
  app.addHook("onRequest", async (request, reply) =>
    request.method === "GET" || request.method === "HEAD"
      ? undefined
      : reply.code(405).header("allow", "GET, HEAD").send({ error: "GET only" }),
  );
};

const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
};

/** charon's SAs, for those who want them in /metrics under the names of another exporter; undefined for the others. */
export type ShownSas = () => readonly ObservedIke[] | undefined;

const addRoutes = (
  app: FastifyInstance,
  status: () => Status,
  declared: readonly DeclaredWarning[],
  shownSas: ShownSas | undefined,
): void => {
  const metrics = new Metrics(declared);
  app.get("/livez", async () => ({ status: "alive" }));
  app.get("/readyz", async (_request, reply) => {
    const { ready } = status();
    return reply.code(ready ? 200 : 503).send({ ready });
  });
  app.get("/healthz", async (_request, reply) => reply.code(healthCode(status())).send(healthBody(status())));
  app.get("/api/status", async () => status());
  app.get("/metrics", async (_request, reply) =>
    reply.type("text/plain; version=0.0.4; charset=utf-8").send(await metrics.text(status(), shownSas?.())),
  );
};

/** The HTTP server, not listening yet. GET and HEAD only; everything it says comes from the newest snapshot. */
export const buildServer = (
  status: () => Status,
  address: string,
  declared: readonly DeclaredWarning[],
  shownSas?: ShownSas,
): FastifyInstance => {
  const app = fastify({
    bodyLimit: 1024,
    requestTimeout: 5000,
    keepAliveTimeout: 5000,
    forceCloseConnections: true,
    trustProxy: false,
  });
  refuseForeignHosts(app, address);
  refuseOtherMethods(app);
  app.addHook("onSend", async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  app.setNotFoundHandler(async (_request, reply) =>
    reply.code(404).send({ error: "There are /livez, /readyz, /healthz, /metrics and /api/status." }),
  );
  addRoutes(app, status, declared, shownSas);
  return app;
};

/** Starts listening. Rejects with LISTEN_FAILED. */
export const listen = async (app: FastifyInstance, { address, port }: Listen): Promise<void> => {
  try {
    await app.listen({ host: address, port });
  } catch (thrown) {
    throw new SpacegateError("LISTEN_FAILED", `Nothing can be served on ${address}:${port}: ${messageOf(thrown)}`, {
      fix: "Choose another listen.port or listen.address in the settings; `ss -ltnp` tells who has this one.",
      cause: thrown,
    });
  }
};
