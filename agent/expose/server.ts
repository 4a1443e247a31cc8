import type { Server } from "node:http";
import { type FastifyInstance, fastify } from "fastify";
import type { ObservedIke } from "../model/observed.ts";
import type { DeclaredWarning, Status } from "../model/status.ts";
import { addDrain, type DrainControl } from "./drain-routes.ts";
import { type Access, guard, SECURITY_HEADERS } from "./guard.ts";
import { healthBody, healthCode } from "./health-body.ts";
import { Metrics } from "./metrics.ts";
import { addPage, type PageDeps } from "./page-routes.ts";

/** What the server tells of. */
export interface Told {
  readonly status: () => Status;
  readonly declared: readonly DeclaredWarning[];
  /** charon's SAs, for those who want them in /metrics under the names of another exporter; undefined for the others. */
  readonly shownSas?: () => readonly ObservedIke[] | undefined;
  /** What the agent's own commands may ask for; without it nothing. */
  readonly drain?: DrainControl;
  /** What the status page shows; without it there is none. */
  readonly page?: PageDeps;
}

const addRoutes = (app: FastifyInstance, { status, declared, shownSas }: Told): void => {
  const metrics = new Metrics(declared);
  app.get("/livez", async () => ({ status: "alive" }));
  app.get("/readyz", async (_request, reply) => {
    const { ready, draining } = status();
    const serves = ready && !draining;
    return reply.code(serves ? 200 : 503).send({ ready: serves });
  });
  app.get("/healthz", async (_request, reply) => reply.code(healthCode(status())).send(healthBody(status())));
  app.get("/api/status", async () => status());
  app.get("/metrics", async (_request, reply) =>
    reply.type("text/plain; version=0.0.4; charset=utf-8").send(await metrics.text(status(), shownSas?.())),
  );
};

/** Answers what comes in through `server`. GET and HEAD only; everything it says comes from the newest snapshot. */
export const buildServer = (server: Server, told: Told, access: Access): FastifyInstance => {
  const app = fastify({
    bodyLimit: 1024,
    forceCloseConnections: true,
    trustProxy: false,
    serverFactory: (handler) => server.on("request", handler),
    // A path that cannot be decoded is refused before any hook.
    frameworkErrors: (_error, _request, { raw }) =>
      raw
        .writeHead(400, { ...SECURITY_HEADERS, "content-type": "application/json; charset=utf-8" })
        .end(JSON.stringify({ error: "This is no path of a URL." })),
  });
  guard(app, access);
  app.setNotFoundHandler(async (_request, reply) =>
    reply.code(404).send({ error: "There are /, /livez, /readyz, /healthz, /metrics, /api/status and /api/events." }),
  );
  addRoutes(app, told);
  if (told.drain) addDrain(app, told.drain);
  if (told.page) addPage(app, told.page);
  return app;
};
