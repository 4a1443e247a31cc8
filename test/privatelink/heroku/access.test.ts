import { describe, expect, test } from "vitest";
import { addAccess, removeAccess } from "../../../agent/privatelink/heroku/access.ts";
import { failureOf, flowDeps, KVS, oldLink, stand, TARGET } from "./support.ts";

const LINKED = { links: { [KVS.name]: oldLink() } };
const DATA = "/private-link";

const accountsOf = (state: { readonly links?: Record<string, { readonly accounts: readonly { account: string }[] }> }) =>
  state.links?.[KVS.name]?.accounts.map(({ account }) => account);
const changing = (requests: readonly { readonly method: string }[]) =>
  requests.map(({ method }) => method).filter((method) => method === "PUT" || method === "PATCH");

describe("access add", () => {
  test("lets a further account in, and waits until it is Active when it is told to", async () => {
    const { links, state } = await stand(LINKED);
    const link = await addAccess({ target: TARGET, accounts: ["210987654321"], wait: true }, flowDeps(links).deps);
    expect(link.allowedAccounts.map(({ status }) => status)).toEqual(["Active", "Active"]);
    expect(accountsOf(state)).toEqual(["123456789012", "210987654321"]);
  });

  test("asks for nothing when all of them are let in", async () => {
    const { links, api } = await stand(LINKED);
    const { deps, said } = flowDeps(links);
    await addAccess({ target: TARGET, accounts: ["123456789012:root"], wait: false }, deps);
    expect([changing(api.requests), said]).toEqual([[], ["acme-app/redis-kvs-12345 lets in 123456789012:root already."]]);
  });

  test("asks again after an answer that was lost", async () => {
    const { links, state } = await stand({ ...LINKED, fault: { kind: "reset", only: "PUT", times: 1 } });
    await addAccess({ target: TARGET, accounts: ["210987654321"], wait: false }, flowDeps(links).deps);
    expect(accountsOf(state)).toEqual(["123456789012", "210987654321"]);
  });

  test("needs a link that stays", async () => {
    const none = await stand();
    const add = { target: TARGET, accounts: ["210987654321"], wait: false };
    expect(await failureOf(() => addAccess(add, flowDeps(none.links).deps))).toMatchObject({ code: "PRIVATELINK_NOT_FOUND" });
    const leaving = await stand({ ...LINKED, linkShown: { status: "Deprovisioning" } });
    expect(await failureOf(() => addAccess(add, flowDeps(leaving.links).deps))).toMatchObject({ code: "PRIVATELINK_REFUSED" });
    expect(changing([...none.api.requests, ...leaving.api.requests])).toEqual([]);
  });
});

describe("access remove", () => {
  test("shuts an account out", async () => {
    const { links, state } = await stand({ links: { [KVS.name]: oldLink(["123456789012", "210987654321:user/abc"]) } });
    const { deps, said } = flowDeps(links);
    const link = await removeAccess({ target: TARGET, accounts: ["210987654321:user/abc"] }, deps);
    expect(link.allowedAccounts).toHaveLength(1);
    expect([accountsOf(state), said]).toEqual([["123456789012"], []]);
  });

  test("warns when nobody is left", async () => {
    const { links, state } = await stand(LINKED);
    const { deps, said } = flowDeps(links);
    await removeAccess({ target: TARGET, accounts: ["123456789012"] }, deps);
    expect(accountsOf(state)).toEqual([]);
    expect(said[0]).toMatch(/^Warning: 123456789012 is all that .* lets in\. Nobody can connect/);
  });

  test("of an account that is not let in changes nothing and says who is: it may be misspelt", async () => {
    const { links, api } = await stand(LINKED);
    const remove = { target: TARGET, accounts: ["123456789012", "123456789021"] };
    expect(await failureOf(() => removeAccess(remove, flowDeps(links).deps))).toMatchObject({
      code: "PRIVATELINK_NOT_FOUND",
      message: expect.stringContaining("does not let in 123456789021. Nothing was changed."),
      fix: "It lets in 123456789012:root.",
    });
    expect(changing(api.requests)).toEqual([]);
  });

  test("whose answer was lost after Heroku had done it is done", async () => {
    const { links, state, api } = await stand({ ...LINKED, fault: { kind: "truncated", only: "PATCH", times: 1 } });
    await removeAccess({ target: TARGET, accounts: ["123456789012"] }, flowDeps(links).deps);
    expect([accountsOf(state), changing(api.requests)]).toEqual([[], ["PATCH", "PATCH"]]);
  });

  test("that Heroku refuses is told as it is", async () => {
    const { links } = await stand({ ...LINKED, fault: { kind: "status", status: 422, only: "PATCH", at: DATA } });
    expect(
      await failureOf(() => removeAccess({ target: TARGET, accounts: ["123456789012"] }, flowDeps(links).deps)),
    ).toMatchObject({
      code: "HEROKU_REFUSED",
      message: expect.stringContaining("has not confirmed that it shuts out 123456789012:root"),
    });
  });
});
