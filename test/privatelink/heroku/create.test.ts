import { describe, expect, test } from "vitest";
import { create } from "../../../agent/privatelink/heroku/create.ts";
import { changesAsked, failureOf, flowDeps, KVS, oldLink, stand, TARGET } from "./support.ts";

const DATA = "/private-link";
const WANTED = { target: TARGET, accounts: ["123456789012:user/abc"], wait: false };
const LINKED = { links: { [KVS.name]: oldLink(WANTED.accounts) } };
const MADE = `POST ${DATA}/v0/databases/${KVS.name}`;

/** Resolving is a POST that changes nothing. */
const changes = (requests: Parameters<typeof changesAsked>[0]) => changesAsked(requests).filter((line) => line.includes(DATA));

describe("create", () => {
  test("resolves as soon as Heroku has taken it", async () => {
    const { links, api, state } = await stand();
    const { deps, said } = flowDeps(links);
    expect(await create(WANTED, deps)).toMatchObject({ status: "Provisioning", serviceName: "" });
    expect(changes(api.requests)).toEqual([MADE]);
    expect(state.links?.[KVS.name]?.accounts).toMatchObject([{ account: "123456789012:user/abc" }]);
    expect(said).toEqual([
      expect.stringMatching(/makes the PrivateLink .* 5 to 10 minutes.*\nSee it through with: wait .* 123456789012:user\/abc$/),
    ]);
  });

  test("waits until its accounts are let in when it is told to, through the time when nobody can see it", async () => {
    const { links } = await stand();
    const { deps, said } = flowDeps(links);
    const link = await create({ ...WANTED, wait: true }, deps);
    expect(link).toMatchObject({ status: "Operational", serviceName: KVS.serviceName, allowedAccounts: [{ status: "Active" }] });
    expect(said).toEqual(expect.arrayContaining([expect.stringContaining("not to be seen yet")]));
  });

  test("creates nothing where the same link is, says so and shows it", async () => {
    const { links, api } = await stand(LINKED);
    const { deps, said } = flowDeps(links);
    expect(await create(WANTED, deps)).toMatchObject({ status: "Operational", serviceName: KVS.serviceName });
    expect(changes(api.requests)).toEqual([]);
    expect(said).toEqual(["acme-app/redis-kvs-12345 has a PrivateLink already (Operational): nothing is created."]);
  });

  test("tells of others whom the link lets in", async () => {
    const { links } = await stand({ links: { [KVS.name]: oldLink([...WANTED.accounts, "210987654321"]) } });
    const { deps, said } = flowDeps(links);
    await create(WANTED, deps);
    expect(said[0]).toContain("It also lets in 210987654321:root.");
  });

  test("is refused where the link does not let in all of them, with the command that would", async () => {
    const { links, api } = await stand({ links: { [KVS.name]: oldLink(["210987654321"]) } });
    const wanted = { ...WANTED, accounts: ["210987654321", "123456789012:role/gateway"] };
    expect(await failureOf(() => create(wanted, flowDeps(links).deps))).toMatchObject({
      code: "PRIVATELINK_REFUSED",
      message: expect.stringContaining("does not let in 123456789012:role/gateway"),
      fix: "Let them in: access add redis-kvs-12345 --app acme-app 123456789012:role/gateway",
    });
    expect(changes(api.requests)).toEqual([]);
  });

  test("takes a young link whose accounts are not shown yet for the wanted one", async () => {
    const linkShown = { status: "Provisioning", allowed_accounts: [] };
    const { links, api } = await stand({ ...LINKED, linkShown });
    expect(await create(WANTED, flowDeps(links).deps)).toMatchObject({ status: "Provisioning" });
    expect(changes(api.requests)).toEqual([]);
  });

  test("waits for a link that is being removed to be gone, and makes a new one", async () => {
    const { links, api } = await stand({ links: { [KVS.name]: { ...oldLink(), removedAt: Date.now() } } });
    const { deps, said } = flowDeps(links);
    expect(await create(WANTED, deps)).toMatchObject({ status: "Provisioning" });
    expect(said[0]).toContain("is being removed; a new one can be made when it is gone");
    expect(changes(api.requests)).toEqual([MADE]);
  });

  test.each([409, 422] as const)("run again while nobody can see the link makes no second one (%i)", async (linkConflict) => {
    const { links, state } = await stand({ linkConflict });
    await create(WANTED, flowDeps(links).deps);
    const madeAt = state.links?.[KVS.name]?.madeAt;
    expect(await create(WANTED, flowDeps(links).deps)).toMatchObject({ status: "Provisioning" });
    expect(state.links?.[KVS.name]?.madeAt).toBe(madeAt);
  });

  test.each(["reset", "hang"] as const)("asks again after an answer that was lost (%s)", async (kind) => {
    const { links, state } = await stand({ fault: { kind, only: "POST", at: DATA, times: 2 } });
    expect(await create(WANTED, flowDeps(links).deps)).toMatchObject({ status: "Provisioning" });
    expect(Object.keys(state.links ?? {})).toEqual([KVS.name]);
  });

  test("waits as long as Heroku wants when it limits", async () => {
    const { links, api } = await stand({
      fault: { kind: "status", status: 429, retryAfter: 1, only: "POST", at: DATA, times: 1 },
    });
    const { deps, said } = flowDeps(links);
    const begun = performance.now();
    await create(WANTED, deps);
    expect(performance.now() - begun).toBeGreaterThan(990);
    expect(said[0]).toContain("limits how often this account may ask");
    expect(changes(api.requests)).toEqual([MADE, MADE]);
  });

  test("tells Heroku's own refusal as it is, and that it is not known to be made", async () => {
    const { links } = await stand({ fault: { kind: "status", status: 422, only: "POST", at: DATA } });
    expect(await failureOf(() => create(WANTED, flowDeps(links).deps))).toMatchObject({
      code: "HEROKU_REFUSED",
      message: expect.stringMatching(/422: As ordered\.\)\nHeroku has not confirmed/),
    });
  });

  test("that fails at Heroku tells how to clear up and try again", async () => {
    const { links } = await stand({ linkShown: { status: "Failed" } });
    expect(await failureOf(() => create({ ...WANTED, wait: true }, flowDeps(links).deps))).toMatchObject({
      code: "PRIVATELINK_FAILED",
      fix: expect.stringMatching(/destroy redis-kvs-12345 --app acme-app\nand make it again: create/),
    });
  });

  test("that is stopped while it waits says that Heroku goes on", async () => {
    const { links } = await stand({ linkTimes: { provisioningMs: 60_000 } });
    const made = flowDeps(links);
    setTimeout(made.stop, 300);
    expect(await failureOf(() => create({ ...WANTED, wait: true }, made.deps))).toMatchObject({
      code: "INTERRUPTED",
      message: expect.stringContaining("Heroku has been asked for the PrivateLink"),
      fix: "Go on with: wait redis-kvs-12345 --app acme-app 123456789012:user/abc",
    });
  });
});
