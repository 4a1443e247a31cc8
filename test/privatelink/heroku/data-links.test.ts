import { describe, expect, test } from "vitest";
import { everythingOf, failureOf, KVS, never, oldLink, QUICK, stand, TARGET, TOKEN } from "./support.ts";

const LINKED = { links: { [KVS.name]: oldLink() } };
const DATA = "/private-link";

describe("the Data API", () => {
  test("is asked with the token as a password", async () => {
    const { links, api } = await stand(LINKED);
    await links.describe(TARGET, never);
    expect(api.requests.map(({ status }) => status)).toEqual([200, 200]);
    expect(JSON.stringify(api.requests)).not.toContain(TOKEN);
  });

  test("shows a link in its own words", async () => {
    const { links } = await stand({ links: { [KVS.name]: oldLink(["123456789012", "210987654321:user/abc"]) } });
    expect(await links.describe(TARGET, never)).toEqual({
      app: "acme-app",
      addon: { name: KVS.name, uuid: KVS.uuid },
      status: "Operational",
      serviceName: KVS.serviceName,
      allowedAccounts: [
        { accountId: "123456789012", arn: "arn:aws:iam::123456789012:root", status: "Active" },
        { accountId: "210987654321:user/abc", arn: "arn:aws:iam::210987654321:user/abc", status: "Active" },
      ],
      connections: [],
    });
  });

  test("may say states that nobody knows, and leave out what it likes", async () => {
    const linkShown = { status: "Hibernating", service_name: null, allowed_accounts: null, connections: undefined, app: null };
    const { links } = await stand({ ...LINKED, linkShown });
    expect(await links.describe(TARGET, never)).toMatchObject({
      status: "Hibernating",
      serviceName: "",
      allowedAccounts: [],
      connections: [],
    });
  });

  test("cannot send what a terminal would obey", async () => {
    const { links } = await stand({ ...LINKED, linkShown: { status: "Ope\u001B[2Jrational\n\u202E" } });
    expect((await links.describe(TARGET, never))?.status).toBe("Ope [2Jrational");
  });

  test("that leaves out the status is refused, without its values", async () => {
    const { links } = await stand({ ...LINKED, linkShown: { status: 7, service_name: "secret-like" } });
    const error = await failureOf(() => links.describe(TARGET, never));
    expect(error).toMatchObject({ code: "SOURCE_MALFORMED", message: expect.stringContaining("status") });
    expect(everythingOf(error)).not.toContain("secret-like");
  });

  test("knows a new link only after a while: Provisioning without a service name, then Operational, then its account", async () => {
    let now = 1000;
    const { links } = await stand({}, () => now);
    expect(await links.create(TARGET, ["123456789012"], never)).toMatchObject({ status: "Provisioning", serviceName: "" });
    const seen: unknown[] = [];
    for (const step of [0, QUICK.invisibleMs, QUICK.provisioningMs, QUICK.accountMs]) {
      now += step;
      const link = await links.describe(TARGET, never);
      seen.push(link && [link.status, link.serviceName, link.allowedAccounts[0]?.status].join(" "));
    }
    expect(seen).toEqual([
      undefined,
      "Provisioning  Provisioning",
      `Operational ${KVS.serviceName} Provisioning`,
      `Operational ${KVS.serviceName} Active`,
    ]);
  });

  test("adds accounts by PUT and removes them by PATCH", async () => {
    const { links, api, state } = await stand(LINKED);
    await links.addAccounts(TARGET, ["210987654321:role/gateway"], never);
    await links.removeAccounts(TARGET, ["123456789012"], never);
    expect(state.links?.[KVS.name]?.accounts.map(({ account }) => account)).toEqual(["210987654321:role/gateway"]);
    expect(api.requests.slice(1).map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      `PUT ${DATA}/v0/databases/${KVS.name}/allowed_accounts 202`,
      `PATCH ${DATA}/v0/databases/${KVS.name}/allowed_accounts 202`,
    ]);
  });

  test("removes a link: Deprovisioning, Deprovisioned, then nothing; and again is no error", async () => {
    let now = 1_000_000;
    const { links } = await stand(LINKED, () => now);
    await links.destroy(TARGET, never);
    const seen: unknown[] = [];
    for (const step of [0, QUICK.deprovisioningMs, QUICK.deprovisionedMs]) {
      now += step;
      seen.push((await links.describe(TARGET, never))?.status);
    }
    expect(seen).toEqual(["Deprovisioning", "Deprovisioned", undefined]);
    await links.destroy(TARGET, never);
  });

  test("has no accounts to change where there is no link", async () => {
    const { links } = await stand();
    expect(await failureOf(() => links.addAccounts(TARGET, ["123456789012"], never))).toMatchObject({
      code: "PRIVATELINK_NOT_FOUND",
      fix: expect.stringContaining("privatelink create redis-kvs-12345 --app acme-app"),
    });
  });

  test.each([409, 422] as const)("refuses a second link (%i)", async (linkConflict) => {
    const { links } = await stand({ ...LINKED, linkConflict });
    expect(await failureOf(() => links.create(TARGET, ["123456789012"], never))).toMatchObject({
      code: "HEROKU_REFUSED",
      details: { status: linkConflict },
    });
  });

  test("that limits says for how long", async () => {
    const { links } = await stand({ ...LINKED, fault: { kind: "status", status: 429, retryAfter: 7, at: DATA } });
    expect(await failureOf(() => links.describe(TARGET, never))).toMatchObject({
      code: "SOURCE_RATE_LIMITED",
      details: { retryAfterMs: 7000 },
    });
  });

  test.each([
    ["a 403 to a question", "GET", 403, "SOURCE_FORBIDDEN", /see the app/],
    ["a 403 to a change", "DELETE", 403, "SOURCE_FORBIDDEN", /change the data service's PrivateLink/],
    ["a 500", "GET", 500, "SOURCE_UNAVAILABLE", /cannot answer now/],
    ["a 422 to a question", "GET", 422, "SOURCE_NOT_FOUND", /does not understand/],
  ] as const)("says %s in words of its own", async (_what, only, status, code, words) => {
    const { links } = await stand({ ...LINKED, fault: { kind: "status", status, only, at: DATA } });
    const ask = () => (only === "GET" ? links.describe(TARGET, never) : links.destroy(TARGET, never));
    const error = await failureOf(ask);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(words);
    expect(everythingOf(error)).not.toMatch(/VPN/);
  });

  test.each([
    ["html", "SOURCE_MALFORMED"],
    ["malformed", "SOURCE_MALFORMED"],
    ["truncated", "SOURCE_UNAVAILABLE"],
    ["reset", "SOURCE_UNAVAILABLE"],
    ["hang", "SOURCE_UNAVAILABLE"],
  ] as const)("that answers with %s is %s", async (kind, code) => {
    const { links } = await stand({ ...LINKED, fault: { kind, at: DATA } });
    expect(await failureOf(() => links.describe(TARGET, never))).toMatchObject({ code });
  });

  test("is not waited for by whoever gave up", async () => {
    const { links } = await stand({ ...LINKED, fault: { kind: "hang", at: DATA } });
    await expect(links.describe(TARGET, AbortSignal.timeout(50))).rejects.toThrow("timeout");
  });

  test("is asked for no change after giving up", async () => {
    const { links, api } = await stand(LINKED);
    await links.describe(TARGET, never);
    await expect(links.destroy(TARGET, AbortSignal.abort())).rejects.toThrow();
    expect(api.requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
  });
});
