import { onTestFinished } from "vitest";
import { systemClock } from "../../agent/lib/clock.ts";
import { HerokuApi } from "../../agent/lib/heroku-api.ts";
import { createHttpClient } from "../../agent/lib/http.ts";
import { Secret } from "../../agent/lib/secret.ts";
import type { FlowDeps } from "../../agent/vpn/flow.ts";
import { PlatformVpn } from "../../agent/vpn/platform-vpn.ts";
import { type StandInState, startPlatformApi } from "../lab/stand-in/platform-api.ts";
import { flowParts } from "../lib/flow-support.ts";
import { REF, TOKEN, wire } from "../source/support.ts";

export { failureOf, never, REF, temporaryDirectory, wire } from "../source/support.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export const WANTED = { publicIp: "203.0.113.10", routableCidrs: ["172.16.0.0/16"] };

/** Minutes at Heroku are a tenth of a second here. */
const QUICK = { invisibleMs: 60, pendingMs: 60, provisioningMs: 120, deprovisioningMs: 100 };

export const KEY = `${REF.space}/${REF.name}`;

/** A stand-in for Heroku with a space, and the client that speaks to it. */
export const stand = async (changes: Partial<StandInState> = {}) => {
  const state: Mutable<StandInState> = {
    token: TOKEN,
    connections: {},
    spaces: { "acme-space": {} },
    provisioning: QUICK,
    ...changes,
  };
  const api = await startPlatformApi({ state });
  onTestFinished(() => api.close());
  const base = new URL(api.url);
  const heroku = new PlatformVpn(
    new HerokuApi({
      base,
      http: createHttpClient(base, {}, 500),
      clock: systemClock,
      token: async () => new Secret(TOKEN),
      userAgent: "spacegate/test",
    }),
  );
  return { state, api, heroku };
};

export const OFFICE = { [KEY]: wire() };

/** What a flow is given, and everything that it said. */
export const flowDeps = (heroku: FlowDeps["heroku"], changes: Partial<FlowDeps> = {}) => {
  const { parts, said, stop } = flowParts();
  const deps: FlowDeps = {
    ...parts,
    heroku,
    command: (verb, { space, name }) => `spacegate vpn ${verb} ${name} --space ${space}`,
    ...changes,
  };
  return { deps, said, stop };
};

/** "POST /spaces/…" for each request that changed, or was to change, something. */
export const changesAsked = (requests: readonly { readonly method: string; readonly path: string }[]): string[] =>
  requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
