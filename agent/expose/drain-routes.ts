import type { FastifyInstance } from "fastify";

/** How the gateway is taken out of service and back. */
export interface DrainControl {
  /** Closes the tunnels after `ms`. */
  begin(ms: number): void;
  cancel(): void;
}

const MAX_MS = 24 * 3_600_000;

/** Only the agent's own commands are let in here; see guard.ts. */
export const DRAIN_PATH = "/api/drain";

export const addDrain = (app: FastifyInstance, drain: DrainControl): void => {
  app.post<{ Querystring: { readonly for_ms?: unknown } }>(DRAIN_PATH, async ({ query }, reply) => {
    const ms = Number(query.for_ms);
    if (!Number.isInteger(ms) || ms < 0 || ms > MAX_MS) return reply.code(400).send({ error: "for_ms must be milliseconds." });
    drain.begin(ms);
    return { draining: true };
  });
  app.delete(DRAIN_PATH, async () => {
    drain.cancel();
    return { draining: false };
  });
};
