import type { FastifyInstance } from "fastify";
import { onTestFinished } from "vitest";
import type { Access } from "../../agent/expose/guard.ts";
import { allowedHosts } from "../../agent/expose/hosts.ts";
import { buildServer, type Told } from "../../agent/expose/server.ts";
import { plainServer } from "../../agent/expose/transport.ts";
import { WARNINGS } from "../../agent/health/warnings.ts";
import { settingsSchema } from "../../agent/model/settings.ts";
import { gatewayStatus } from "./support.ts";

/** `listen` as a settings file with only these keys has it. */
export const listenSettings = (keys: object = {}) => settingsSchema.shape.listen.parse(keys);

/** An application on loopback that lets everyone in, to be asked with `inject`. */
export const appOf = (told: Partial<Told> = {}, access: Partial<Access> = {}): FastifyInstance => {
  const open = { hosts: allowedHosts(listenSettings()), isAllowed: () => true, isLocal: () => false };
  const app = buildServer(plainServer(), { status: () => gatewayStatus(), declared: WARNINGS, ...told }, { ...open, ...access });
  onTestFinished(() => app.close());
  return app;
};
