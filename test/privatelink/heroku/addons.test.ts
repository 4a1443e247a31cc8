import { describe, expect, test } from "vitest";
import { failureOf, KVS, never, oldLink, stand, TARGET, TOKEN } from "./support.ts";

const LINKED = { links: { [KVS.name]: oldLink() } };
const resolvesOf = (requests: readonly { readonly path: string }[]) =>
  requests.filter(({ path }) => path === "/actions/addons/resolve").length;

describe("an add-on", () => {
  test.each(["redis-kvs-12345", "REDIS", "REDIS_URL"])("is found as %s", async (addon) => {
    const { links, api } = await stand(LINKED);
    expect(await links.describe({ ...TARGET, addon }, never)).toMatchObject({ addon: { name: KVS.name } });
    expect(api.requests[0]).toMatchObject({
      method: "POST",
      path: "/actions/addons/resolve",
      headers: { accept: "application/vnd.heroku+json; version=3.sdk", "accept-expansion": "addon_service,plan" },
    });
    expect(api.requests[1]).toMatchObject({ path: "/private-link/v0/databases/redis-kvs-12345" });
  });

  test("is asked for once, and again when it has no link", async () => {
    const { links, api, state } = await stand(LINKED);
    for (let times = 0; times < 3; times++) await links.describe(TARGET, never);
    expect(resolvesOf(api.requests)).toBe(1);
    state.links = {};
    for (let times = 0; times < 2; times++) expect(await links.describe(TARGET, never)).toBeUndefined();
    expect(resolvesOf(api.requests)).toBe(2);
  });

  test.each([
    ["an unknown add-on", { ...TARGET, addon: "nothing" }],
    ["an unknown app", { ...TARGET, app: "other-app" }],
  ])("%s is not found, with where to look", async (_what, target) => {
    const { links } = await stand();
    expect(await failureOf(() => links.describe(target, never))).toMatchObject({
      code: "PRIVATELINK_NOT_FOUND",
      fix: expect.stringContaining(`heroku addons --app ${target.app}`),
    });
  });

  test("that is several lists the candidates with their plans", async () => {
    const { links } = await stand({ addons: [KVS, { ...KVS, name: "redis-kvs-2", plan: "heroku-redis:premium-0" }] });
    const error = await failureOf(() => links.describe({ ...TARGET, addon: "REDIS" }, never));
    expect(error).toMatchObject({ code: "PRIVATELINK_REFUSED", fix: "Name one of these." });
    expect(error.message).toMatch(
      /2 add-ons.*\n {2}redis-kvs-12345 \(heroku-redis:private-3\)\n {2}redis-kvs-2 \(heroku-redis:premium-0\)/,
    );
  });

  test("whose own name is another's attachment is the one of that name", async () => {
    const other = { ...KVS, name: "other-1", attachments: [KVS.name], plan: "heroku-redis:premium-0" };
    const { links } = await stand({ ...LINKED, addons: [other, KVS] });
    expect(await links.describe(TARGET, never)).toMatchObject({ addon: { name: KVS.name } });
  });

  test.each(["heroku-redis:premium-0", "heroku-postgresql:standard-0", "heroku-redis:mini"])(
    "with the plan %s is refused",
    async (plan) => {
      const { links, api } = await stand({ addons: [{ ...KVS, plan }] });
      const error = await failureOf(() => links.create(TARGET, ["123456789012"], never));
      expect(error).toMatchObject({ code: "PRIVATELINK_REFUSED", message: expect.stringContaining(plan) });
      expect(error.fix).toMatch(/private- or shield-/);
      expect(api.requests.map(({ path }) => path)).toEqual(["/actions/addons/resolve"]);
    },
  );

  test.each(["heroku-postgresql:shield-0", "heroku-kafka:private-extended-2", "heroku-redis:private"])(
    "with the plan %s is taken",
    async (plan) => {
      const { links } = await stand({ addons: [{ ...KVS, plan }] });
      expect(await links.create(TARGET, ["123456789012"], never)).toMatchObject({ status: "Provisioning" });
    },
  );

  test.each([
    ["../../apps", "acme-app"],
    ["-x", "acme-app"],
    ["a b", "acme-app"],
    ["", "acme-app"],
    ["redis", "Acme"],
    ["redis", "../x"],
  ])("named %j of the app %j goes nowhere near Heroku", async (addon, app) => {
    const { links, api } = await stand();
    expect(await failureOf(() => links.describe({ ...TARGET, addon, app }, never))).toMatchObject({
      code: "PRIVATELINK_REFUSED",
    });
    expect(api.requests).toEqual([]);
  });

  test("that may not be seen is a question refused, not a change", async () => {
    const { links } = await stand({ fault: { kind: "status", status: 403 } });
    expect(await failureOf(() => links.describe(TARGET, never))).toMatchObject({
      code: "SOURCE_FORBIDDEN",
      message: expect.stringContaining("does not let this token see the app"),
    });
  });

  test("the token never shows, whatever Heroku quotes", async () => {
    const { links } = await stand({ token: "another" });
    const error = await failureOf(() => links.describe(TARGET, never));
    expect(error.code).toBe("SOURCE_UNAUTHORIZED");
    expect(`${error.message}${error.stack}`).not.toContain(TOKEN);
  });
});
