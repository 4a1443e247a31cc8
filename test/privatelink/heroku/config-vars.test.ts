import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { endpointMark } from "../../../agent/privatelink/heroku/config-vars.ts";
import { ENDPOINT, endpointOf, everythingOf, failureOf, HOSTNAME, KVS, never, oldLink, PASSWORD, stand } from "./support.ts";

const CONNECTED = { links: { [KVS.name]: { ...oldLink(), endpoints: [endpointOf()] } } };

describe("a connection string", () => {
  test("is the config var named by the last 17 characters of the endpoint's id", async () => {
    const { links } = await stand(CONNECTED);
    const [only, ...others] = await links.connectionUrls("acme-app", ENDPOINT, never);
    expect([only?.name, others]).toEqual(["REDIS_ENDPOINT_01C87AE3C05563935_URL", []]);
    expect(only?.url.reveal()).toBe(`redis://u:${PASSWORD}@${HOSTNAME}:6379`);
  });

  test("is there for each attachment", async () => {
    const { links } = await stand({ ...CONNECTED, addons: [{ ...KVS, attachments: ["REDIS", "CACHE_2"] }] });
    expect((await links.connectionUrls("acme-app", ENDPOINT, never)).map(({ name }) => name)).toEqual([
      "CACHE_2_ENDPOINT_01C87AE3C05563935_URL",
      "REDIS_ENDPOINT_01C87AE3C05563935_URL",
    ]);
  });

  test("prints as nothing that is secret", async () => {
    const { links } = await stand(CONNECTED);
    const urls = await links.connectionUrls("acme-app", ENDPOINT, never);
    expect(`${JSON.stringify(urls)}${inspect(urls, { depth: 9 })}${urls.map(({ url }) => url)}`).not.toContain(PASSWORD);
  });

  test("is not there for a while, nor for another endpoint", async () => {
    const young = { ...oldLink(), endpoints: [endpointOf({ createdAt: Date.now() })] };
    const { links } = await stand({ links: { [KVS.name]: young }, linkTimes: { configVarMs: 60_000 } });
    expect(await links.connectionUrls("acme-app", ENDPOINT, never)).toEqual([]);
    expect(await links.connectionUrls("acme-app", "vpce-00000000000000000", never)).toEqual([]);
  });

  test("is none when it is empty, or only looks like one", async () => {
    const configVars = { "acme-app": { A_ENDPOINT_01C87AE3C05563935_URL: "", ENDPOINT_01C87AE3C05563935_URL_OLD: "x" } };
    const { links } = await stand({ configVars });
    expect(await links.connectionUrls("acme-app", ENDPOINT, never)).toEqual([]);
  });

  test.each(["vpce-1", "01c87ae3c05563935", "vpce-01C87AE3C05563935", "vpce-01c87ae3c05563935x", "i-0123"])(
    "of %s is refused before anything is asked",
    async (endpointId) => {
      const { links, api } = await stand();
      expect(await failureOf(() => links.connectionUrls("acme-app", endpointId, never))).toMatchObject({
        code: "PRIVATELINK_REFUSED",
      });
      expect(api.requests).toEqual([]);
    },
  );

  test("of an unknown app is not found", async () => {
    const { links } = await stand();
    expect(await failureOf(() => links.connectionUrls("other-app", ENDPOINT, never))).toMatchObject({
      code: "PRIVATELINK_NOT_FOUND",
    });
  });

  test("shows in no error, however broken Heroku's answer is", async () => {
    for (const kind of ["malformed", "truncated"] as const) {
      const { links } = await stand({ ...CONNECTED, fault: { kind } });
      const error = await failureOf(() => links.connectionUrls("acme-app", ENDPOINT, never));
      expect(everythingOf(error)).not.toContain(PASSWORD);
    }
    const { links } = await stand({ configVars: { "acme-app": { A: 7, SECRET: PASSWORD } as never } });
    const error = await failureOf(() => links.connectionUrls("acme-app", ENDPOINT, never));
    expect(error.code).toBe("SOURCE_MALFORMED");
    expect(everythingOf(error)).not.toContain(PASSWORD);
  });
});

test("the mark is upper case", () => {
  expect(endpointMark(ENDPOINT)).toBe("01C87AE3C05563935");
});
