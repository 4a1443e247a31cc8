import { describe, expect, test } from "vitest";
import { destroy } from "../../../agent/privatelink/heroku/destroy.ts";
import { ENDPOINT, endpointOf, failureOf, flowDeps, KVS, oldLink, stand, TARGET } from "./support.ts";

const LINKED = { links: { [KVS.name]: { ...oldLink(), endpoints: [endpointOf()] } } };
const YES = { given: KVS.name, ask: undefined };
const deletes = (requests: readonly { readonly method: string }[]) => requests.filter(({ method }) => method === "DELETE").length;

describe("destroy", () => {
  test("says what is lost, and ends when Heroku does not know the link any more", async () => {
    const { links, api } = await stand(LINKED);
    const { deps, said } = flowDeps(links);
    await destroy(TARGET, YES, deps);
    expect(deletes(api.requests)).toBe(1);
    expect(said[0]).toMatch(
      new RegExp(`cuts every connection.*\nConnected now: ${ENDPOINT} \\(arn:aws:iam::123456789012:root\\)`),
    );
    expect(said.slice(1)).toEqual([
      "Heroku removes the PrivateLink of acme-app/redis-kvs-12345.",
      "acme-app/redis-kvs-12345 is Deprovisioning",
      "acme-app/redis-kvs-12345 is Deprovisioned",
    ]);
  });

  test.each([
    ["another name", { given: "other", ask: undefined }, "PRIVATELINK_REFUSED"],
    ["what it is attached as", { given: "REDIS", ask: undefined }, "PRIVATELINK_REFUSED"],
    ["a wrong answer", { given: undefined, ask: async () => "yes" }, "PRIVATELINK_REFUSED"],
    ["nothing, and nobody to ask", { given: undefined, ask: undefined }, "OPTION_MISSING"],
  ])("changes nothing with %s as confirmation", async (_what, confirmation, code) => {
    const { links, api } = await stand(LINKED);
    const target = { ...TARGET, addon: "REDIS" };
    const error = await failureOf(() => destroy(target, confirmation, flowDeps(links).deps));
    expect(error).toMatchObject({ code, fix: expect.stringContaining(KVS.name) });
    expect(deletes(api.requests)).toBe(0);
  });

  test("asks for the add-on's own name", async () => {
    const { links } = await stand(LINKED);
    const asked: string[] = [];
    const ask = async (name: string) => {
      asked.push(name);
      return name;
    };
    await destroy({ ...TARGET, addon: "REDIS_URL" }, { given: undefined, ask }, flowDeps(links).deps);
    expect(asked).toEqual([KVS.name]);
  });

  test("needs no confirmation for what is being removed already", async () => {
    const { links, api } = await stand({ links: { [KVS.name]: { ...oldLink(), removedAt: Date.now() } } });
    await destroy(TARGET, { given: undefined, ask: undefined }, flowDeps(links).deps);
    expect(deletes(api.requests)).toBe(0);
  });

  test("of a link that is not there says so", async () => {
    const { links } = await stand();
    expect(await failureOf(() => destroy(TARGET, YES, flowDeps(links).deps))).toMatchObject({ code: "PRIVATELINK_NOT_FOUND" });
  });

  test.each(["reset", "truncated"] as const)("asks again after an answer that was lost (%s)", async (kind) => {
    const { links, state } = await stand({ ...LINKED, fault: { kind, only: "DELETE", times: 1 } });
    await destroy(TARGET, YES, flowDeps(links).deps);
    expect(state.links?.[KVS.name]?.removedAt).toBeDefined();
  });

  test("that is stopped says that it cannot be taken back", async () => {
    const { links } = await stand({ ...LINKED, linkTimes: { deprovisioningMs: 60_000 } });
    const made = flowDeps(links);
    setTimeout(made.stop, 200);
    expect(await failureOf(() => destroy(TARGET, YES, made.deps))).toMatchObject({
      code: "INTERRUPTED",
      message: expect.stringContaining("cannot be taken back"),
      fix: "See it through with: destroy redis-kvs-12345 --app acme-app",
    });
  });

  test("that takes too long ends with what was seen last", async () => {
    const { links } = await stand({ ...LINKED, linkTimes: { deprovisioningMs: 60_000 } });
    const { deps } = flowDeps(links, { timeoutMs: 200 });
    expect(await failureOf(() => destroy(TARGET, YES, deps))).toMatchObject({
      code: "PRIVATELINK_TIMEOUT",
      message: expect.stringContaining("Last seen: acme-app/redis-kvs-12345 is Deprovisioning"),
    });
  });
});
