import { onTestFinished } from "vitest";
import { systemClock } from "../../../agent/lib/clock.ts";
import { HerokuApi } from "../../../agent/lib/heroku-api.ts";
import { createHttpClient } from "../../../agent/lib/http.ts";
import { Secret } from "../../../agent/lib/secret.ts";
import type { HerokuLink } from "../../../agent/model/privatelink.ts";
import { DataLinks } from "../../../agent/privatelink/heroku/data-links.ts";
import type { LinkDeps } from "../../../agent/privatelink/heroku/flow.ts";
import type { HerokuLinks, HerokuTarget } from "../../../agent/privatelink/heroku/heroku-links.ts";
import { PRIVATELINK_WORDING } from "../../../agent/privatelink/heroku/wording.ts";
import { type StandInState, startPlatformApi } from "../../lab/stand-in/platform-api.ts";
import { flowParts } from "../../lib/flow-support.ts";
import { ManualClock } from "../../lib/support.ts";
import { TOKEN } from "../../source/support.ts";

export { everythingOf, failureOf, TOKEN } from "../../source/support.ts";
export { changesAsked } from "../../vpn/support.ts";

export const never = new AbortController().signal;

export const TARGET: HerokuTarget = { kind: "heroku", app: "acme-app", addon: "redis-kvs-12345" };
export const PASSWORD = "p4ssw0rd-of-the-data-service";
export const ENDPOINT = "vpce-01c87ae3c05563935";
export const HOSTNAME = "vpce-01c87ae3c05563935-ab12.vpce-svc-0410a2e25933fe8ec.us-east-1.vpce.amazonaws.com";

export const KVS = {
  app: "acme-app",
  name: "redis-kvs-12345",
  uuid: "912ce943-9b8d-4135-a147-f745c3a2c4a3",
  plan: "heroku-redis:private-3",
  attachments: ["REDIS"],
  url: `redis://u:${PASSWORD}@HOST:6379`,
  serviceName: "com.amazonaws.vpce.us-east-1.vpce-svc-0410a2e25933fe8ec",
};

/** Minutes at Heroku are a tenth of a second here. */
export const QUICK = {
  invisibleMs: 60,
  provisioningMs: 120,
  accountMs: 60,
  acceptMs: 60,
  configVarMs: 60,
  deprovisioningMs: 60,
  deprovisionedMs: 60,
};

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A link that was made so long ago that nothing about it changes any more. */
export const oldLink = (accounts: readonly string[] = ["123456789012"]) => ({
  madeAt: 1000,
  accounts: accounts.map((account) => ({ account, addedAt: 1000 })),
  endpoints: [],
});

export const endpointOf = (changes: object = {}) => ({
  endpointId: ENDPOINT,
  hostname: HOSTNAME,
  ownerArn: "arn:aws:iam::123456789012:root",
  createdAt: 1000,
  ...changes,
});

/** A stand-in for Heroku with one data service, and the client that speaks to it. */
export const stand = async (changes: Partial<StandInState> = {}, now: () => number = Date.now) => {
  const state: Mutable<StandInState> = { token: TOKEN, connections: {}, addons: [KVS], linkTimes: QUICK, ...changes };
  const api = await startPlatformApi({ state, now });
  onTestFinished(() => api.close());
  const base = new URL(api.url);
  const common = {
    base,
    http: createHttpClient(base, {}, 500),
    clock: systemClock,
    token: async () => new Secret(TOKEN),
    userAgent: "spacegate/test",
    wording: PRIVATELINK_WORDING,
  };
  const links = new DataLinks({ platform: new HerokuApi(common), data: new HerokuApi({ ...common, scheme: "basic" }) });
  return { state, api, links };
};

/** What a flow is given, and everything that it said. */
export const flowDeps = (links: HerokuLinks, changes: Partial<LinkDeps> = {}) => {
  const { parts, said, stop } = flowParts();
  const deps: LinkDeps = {
    ...parts,
    links,
    command: (verb, { app, addon }, accounts = []) => [verb, addon, "--app", app, ...accounts].join(" "),
    ...changes,
  };
  return { deps, said, stop };
};

export const linkLike = (changes: Partial<HerokuLink> = {}): HerokuLink => ({
  app: "acme-app",
  addon: { name: "redis-kvs-12345", uuid: KVS.uuid },
  status: "Operational",
  serviceName: KVS.serviceName,
  allowedAccounts: [{ accountId: "123456789012", arn: "arn:aws:iam::123456789012:root", status: "Active" }],
  connections: [],
  ...changes,
});

/** Shows one after the other, the last one for ever; an error is thrown. Time passes only by waiting. */
export const scripted = (looks: readonly (HerokuLink | undefined | Error)[], changes: Partial<LinkDeps> = {}) => {
  let place = 0;
  const describe = async () => {
    const look = looks[Math.min(place++, looks.length - 1)];
    if (look instanceof Error) throw look;
    return look;
  };
  const clock = new ManualClock();
  const links = { describe } as unknown as HerokuLinks;
  return { clock, ...flowDeps(links, { clock, pollMs: 10_000, timeoutMs: 1_200_000, ...changes }), looked: () => place };
};
