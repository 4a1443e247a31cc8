import { describe, expect, onTestFinished, test } from "vitest";
import { connectEndpoint, disconnectEndpoint, endpointState, herokuServices } from "./heroku-data-endpoints.ts";
import { type StandInState, startPlatformApi } from "./platform-api.ts";

const KVS = {
  app: "acme-app",
  name: "redis-kvs-12345",
  uuid: "912ce943-9b8d-4135-a147-f745c3a2c4a3",
  plan: "heroku-redis:private-3",
  attachments: ["REDIS"],
  url: "redis://u:p@HOST:6379",
  serviceName: "com.amazonaws.vpce.us-east-1.vpce-svc-0410a2e25933fe8ec",
};
const LINK = "/private-link/v0/databases/redis-kvs-12345";
const BODY = { allowed_accounts: ["123456789012:user/abc"] };
const TIMES = {
  invisibleMs: 10,
  provisioningMs: 100,
  accountMs: 10,
  acceptMs: 100,
  configVarMs: 100,
  deprovisioningMs: 100,
  deprovisionedMs: 100,
};
const OLD = { madeAt: 0, accounts: [{ account: "123456789012", addedAt: 0 }], endpoints: [] };
const ENDPOINT = {
  endpointId: "vpce-01c87ae3c05563935",
  hostname: "x.vpce.amazonaws.com",
  ownerArn: "arn:aws:iam::123456789012:root",
};

const setup = async (changes: Partial<StandInState> = {}) => {
  const state = { token: "x", connections: {}, addons: [KVS], linkTimes: TIMES, ...changes };
  const time = { now: 10_000 };
  const api = await startPlatformApi({ state, now: () => time.now });
  onTestFinished(() => api.close());
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const isData = path.startsWith("/private-link/");
    const authorization = isData ? `Basic ${Buffer.from(":x").toString("base64")}` : "Bearer x";
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const accept = "application/vnd.heroku+json; version=3.sdk";
    const answer = await fetch(`${api.url}${path}`, { method, headers: { accept, authorization, ...headers }, ...sent });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  return { api, time, ask };
};

describe("a PrivateLink", () => {
  test("is asked for with the token as a password only", async () => {
    const { ask } = await setup();
    expect((await ask("GET", LINK)).status).toBe(404);
    expect((await ask("GET", LINK, undefined, { authorization: "Bearer x" })).status).toBe(401);
    expect((await ask("GET", LINK, undefined, { authorization: `Basic ${Buffer.from(":y").toString("base64")}` })).status).toBe(
      401,
    );
  });

  test("made by POST has no service name and no accounts at first", async () => {
    const { ask, time } = await setup();
    expect(await ask("POST", LINK, BODY)).toMatchObject({
      status: 201,
      body: { status: "Provisioning", service_name: "", allowed_accounts: [], connections: [] },
    });
    expect((await ask("GET", LINK)).status).toBe(404);
    time.now += 1000;
    expect(await ask("GET", LINK)).toMatchObject({
      status: 200,
      body: {
        app: { name: "acme-app" },
        addon: { name: KVS.name, uuid: KVS.uuid },
        status: "Operational",
        service_name: KVS.serviceName,
        allowed_accounts: [{ arn: "arn:aws:iam::123456789012:user/abc", status: "Active" }],
      },
    });
  });

  test.each([{}, { allowed_accounts: [] }, { allowed_accounts: ["12"] }, { allowed_accounts: "123456789012" }])(
    "is refused with %j",
    async (body) => {
      const { ask } = await setup();
      expect(await ask("POST", LINK, body)).toMatchObject({ status: 422, body: { id: "invalid_params" } });
    },
  );

  test.each([
    [undefined, 409],
    [422 as const, 422],
  ])("is the add-on's only one, also while nobody can see it", async (linkConflict, status) => {
    const { ask } = await setup(linkConflict === undefined ? {} : { linkConflict });
    await ask("POST", LINK, BODY);
    expect((await ask("GET", LINK)).status).toBe(404);
    expect((await ask("POST", LINK, BODY)).status).toBe(status);
  });

  test("gets accounts by PUT and loses them by PATCH", async () => {
    const { ask } = await setup({ links: { [KVS.name]: OLD } });
    expect(await ask("PUT", `${LINK}/allowed_accounts`, BODY)).toMatchObject({
      status: 202,
      body: { allowed_accounts: [{ status: "Active" }, { arn: "arn:aws:iam::123456789012:user/abc", status: "Provisioning" }] },
    });
    expect(await ask("PATCH", `${LINK}/allowed_accounts`, { allowed_accounts: ["123456789012:root"] })).toMatchObject({
      status: 202,
      body: { allowed_accounts: [{ arn: "arn:aws:iam::123456789012:user/abc" }] },
    });
    expect((await ask("PATCH", `${LINK}/allowed_accounts`, { allowed_accounts: ["123456789012"] })).status).toBe(422);
  });

  test("can be made again when it is gone", async () => {
    const { ask, time } = await setup({ links: { [KVS.name]: OLD } });
    expect((await ask("DELETE", LINK)).status).toBe(202);
    expect((await ask("POST", LINK, BODY)).status).toBe(409);
    time.now += 1000;
    expect((await ask("POST", LINK, BODY)).status).toBe(201);
  });

  test("can show what nobody knows yet", async () => {
    const { ask } = await setup({
      links: { [KVS.name]: OLD },
      linkShown: { status: "Hibernating" },
      accountShown: { status: "Pondering" },
    });
    expect((await ask("GET", LINK)).body).toMatchObject({ status: "Hibernating", allowed_accounts: [{ status: "Pondering" }] });
  });
});

describe("an endpoint that an EC2 stand-in tells of", () => {
  test("is accepted after a while, then gets its config var, and is shown until it is deleted", async () => {
    const { api, ask, time } = await setup({ links: { [KVS.name]: OLD } });
    const [service] = await herokuServices(api.store, time.now);
    expect(service).toEqual({ serviceName: KVS.serviceName, open: true, allowedArns: ["arn:aws:iam::123456789012:root"] });
    expect(await connectEndpoint(api.store, KVS.serviceName, ENDPOINT, time.now)).toBe(true);
    const seen: unknown[] = [];
    for (const step of [0, 100, 100]) {
      time.now += step;
      const { body } = await ask("GET", "/apps/acme-app/config-vars");
      const shown = (await ask("GET", LINK)).body.connections[0].status;
      seen.push([await endpointState(api.store, ENDPOINT.endpointId, time.now), shown, Object.keys(body).length]);
    }
    expect(seen).toEqual([
      ["pendingAcceptance", "PendingAcceptance", 1],
      ["available", "Available", 1],
      ["available", "Available", 2],
    ]);
    expect((await ask("GET", "/apps/acme-app/config-vars")).body).toHaveProperty(
      "REDIS_ENDPOINT_01C87AE3C05563935_URL",
      "redis://u:p@x.vpce.amazonaws.com:6379",
    );
    await disconnectEndpoint(api.store, ENDPOINT.endpointId);
    expect((await ask("GET", LINK)).body.connections).toEqual([]);
  });

  test("can be turned away after it was available, and is when the link goes", async () => {
    const links = { [KVS.name]: { ...OLD, endpoints: [{ ...ENDPOINT, createdAt: 0, rejected: true }] } };
    const { api, ask, time } = await setup({ links });
    expect((await ask("GET", LINK)).body.connections[0].status).toBe("Rejected");
    await ask("DELETE", LINK);
    expect(await endpointState(api.store, ENDPOINT.endpointId, time.now)).toBe("rejected");
    expect(await connectEndpoint(api.store, KVS.serviceName, ENDPOINT, time.now)).toBe(false);
  });

  test("of a service that is not there, or is being made, is none", async () => {
    const { api, ask, time } = await setup();
    await ask("POST", LINK, BODY);
    time.now += 50;
    expect(await herokuServices(api.store, time.now)).toEqual([]);
    expect(await connectEndpoint(api.store, KVS.serviceName, ENDPOINT, time.now)).toBe(false);
    expect(await endpointState(api.store, ENDPOINT.endpointId, time.now)).toBeUndefined();
  });

  test("can be told of over HTTP, where Heroku's faults do not reach", async () => {
    const { ask } = await setup({ links: { [KVS.name]: OLD }, fault: { kind: "status", status: 503 } });
    const told = { service_name: KVS.serviceName, endpoint_id: ENDPOINT.endpointId, hostname: "h", owner_arn: ENDPOINT.ownerArn };
    expect((await ask("GET", "/stand-in/services")).body).toMatchObject([{ serviceName: KVS.serviceName, open: true }]);
    expect((await ask("POST", "/stand-in/endpoints", told)).status).toBe(201);
    expect((await ask("POST", "/stand-in/endpoints", { ...told, service_name: "other" })).status).toBe(404);
    expect((await ask("GET", `/stand-in/endpoints/${ENDPOINT.endpointId}`)).body).toEqual({ state: "pendingAcceptance" });
    expect((await ask("DELETE", `/stand-in/endpoints/${ENDPOINT.endpointId}`)).status).toBe(204);
    expect((await ask("GET", `/stand-in/endpoints/${ENDPOINT.endpointId}`)).body).toEqual({ state: null });
  });
});

describe("add-ons", () => {
  test("are resolved by name and by attachment", async () => {
    const { ask } = await setup();
    for (const addon of [KVS.name, "REDIS", "REDIS_URL"])
      expect(await ask("POST", "/actions/addons/resolve", { app: "acme-app", addon })).toMatchObject({
        status: 200,
        body: [{ name: KVS.name, plan: { name: KVS.plan }, addon_service: { name: "heroku-redis" } }],
      });
    expect((await ask("POST", "/actions/addons/resolve", { app: "acme-app", addon: "x" })).body).toEqual([]);
    expect((await ask("POST", "/actions/addons/resolve", { app: "x", addon: "x" })).status).toBe(404);
  });

  test("a fault can be for some paths only", async () => {
    const { ask } = await setup({ fault: { kind: "status", status: 503, at: "/private-link/" } });
    expect((await ask("GET", "/apps/acme-app/config-vars")).status).toBe(200);
    expect((await ask("GET", LINK)).status).toBe(503);
  });
});
