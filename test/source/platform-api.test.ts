import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../agent/lib/clock.ts";
import type { Environment } from "../../agent/lib/environment.ts";
import { createSource } from "../../agent/source/index.ts";
import { type StandInState, startPlatformApi } from "../lab/stand-in/platform-api.ts";
import { everythingOf, FIRST, failureOf, never, PSKS, REF, TOKEN, wire } from "./support.ts";

const HEROKU = { source: "platform-api", poll_interval: "60s", timeout: "500ms" } as const;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const sourceAt = (url: string, env: Environment = {}) =>
  createSource(HEROKU, { env: { HEROKU_HOST: url, HEROKU_API_KEY: TOKEN, ...env }, clock: systemClock, version: "1.2.3" });

const setup = async (changes: Partial<StandInState> = {}) => {
  const state: Mutable<StandInState> = { token: TOKEN, connections: { "acme-space/office": wire() }, ...changes };
  const api = await startPlatformApi({ state });
  onTestFinished(() => api.close());
  return { state, api, source: sourceAt(api.url) };
};

/** A server that answers everything alike. */
const serve = async (status: number, headers: Record<string, string>, body: string | Buffer): Promise<string> => {
  const server = createServer((_request, response) => response.writeHead(status, headers).end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const faultOf = async (fault: NonNullable<StandInState["fault"]>) => {
  const { source } = await setup({ fault });
  return failureOf(() => source.fetch(REF, never));
};

describe("a question to the Platform API", () => {
  test("is answered with the connection", async () => {
    const { source } = await setup();
    const answer = await source.fetch(REF, never);
    expect(answer).toMatchObject({ kind: "ready", connection: { name: "office", tunnels: [{ index: 1 }, { index: 2 }] } });
  });

  test("says who asks, in which version, and for what", async () => {
    const { source, api } = await setup();
    await source.fetch(REF, never);
    expect(api.requests).toMatchObject([
      {
        method: "GET",
        path: "/spaces/acme-space/vpn-connections/office",
        headers: {
          accept: "application/vnd.heroku+json; version=3",
          "user-agent": "spacegate/1.2.3",
          "request-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
        },
      },
    ]);
  });

  test("does not go through a proxy when the API is on this machine", async () => {
    const { api } = await setup();
    const source = sourceAt(api.url, { http_proxy: "http://127.0.0.1:9", HTTPS_PROXY: "http://127.0.0.1:9" });
    expect(await source.fetch(REF, never)).toMatchObject({ kind: "ready" });
  });

  test.each([
    [{ space: "acme-space", name: "office; reboot" }, "name"],
    [{ space: "acme-space", name: "$(reboot)" }, "name"],
    [{ space: "../apps", name: "office" }, "space"],
    [{ space: "acme-space", name: "-x" }, "name"],
    [{ space: "acme\nspace", name: "office" }, "space"],
  ])("is not asked with %j", async (ref, field) => {
    const { source, api } = await setup();
    const error = await failureOf(() => source.fetch(ref, never));
    expect(error).toMatchObject({ code: "CONNECTION_INVALID", message: expect.stringContaining(`${field}: "`) });
    expect(error.message).not.toMatch(/\p{Cc}/u);
    expect(api.requests).toEqual([]);
  });

  test("is given up when the caller says so", async () => {
    const { source } = await setup({ fault: { kind: "hang" } });
    const controller = new AbortController();
    const asking = source.fetch(REF, controller.signal);
    controller.abort(new Error("enough"));
    await expect(asking).rejects.toThrow("enough");
  });
});

describe("an ETag", () => {
  test("is sent back, and 304 repeats the last answer", async () => {
    const { source, api } = await setup();
    const first = await source.fetch(REF, never);
    expect(await source.fetch(REF, never)).toBe(first);
    expect(api.requests.map(({ status }) => status)).toEqual([200, 304]);
  });

  test("does not hide a change", async () => {
    const { source, state } = await setup();
    await source.fetch(REF, never);
    state.connections["acme-space/office"] = wire({ routable_cidrs: ["172.20.0.0/16"] });
    expect(await source.fetch(REF, never)).toMatchObject({ connection: { routableCidrs: ["172.20.0.0/16"] } });
  });

  test("is kept for each connection by itself", async () => {
    const { source, state } = await setup();
    state.connections["acme-space/branch"] = wire({ name: "branch", id: "2" });
    const branch = { ...REF, name: "branch" };
    await source.fetch(REF, never);
    await source.fetch(branch, never);
    expect(await source.fetch(REF, never)).toMatchObject({ connection: { name: "office" } });
    expect(await source.fetch(branch, never)).toMatchObject({ connection: { name: "branch" } });
  });

  test("of details that were refused is not kept: they are refused again", async () => {
    const { source, state } = await setup();
    state.connections["acme-space/office"] = wire({ ike_version: 3 });
    expect((await failureOf(() => source.fetch(REF, never))).code).toBe("CONNECTION_INVALID");
    expect((await failureOf(() => source.fetch(REF, never))).code).toBe("CONNECTION_INVALID");
  });

  test("is not needed", async () => {
    const { source, api } = await setup({ etag: false });
    await source.fetch(REF, never);
    expect(await source.fetch(REF, never)).toMatchObject({ kind: "ready" });
    expect(api.requests.map(({ status }) => status)).toEqual([200, 200]);
  });

  test("that was never sent cannot be matched", async () => {
    const source = sourceAt(await serve(304, {}, ""));
    expect((await failureOf(() => source.fetch(REF, never))).code).toBe("SOURCE_UNAVAILABLE");
  });
});

describe("waiting", () => {
  test.each([
    ["space", { ...REF, space: "acme-spice" }],
    ["name", { ...REF, name: "offise" }],
  ])("for a %s that Heroku does not know: it may be just created, or misspelt", async (_field, ref) => {
    const { source } = await setup();
    expect(await source.fetch(ref, never)).toEqual({
      kind: "waiting",
      reason: `Heroku does not know ${ref.space}/${ref.name}: just created, or the space or the name is misspelt`,
    });
  });

  test("for tunnels that are not there yet", async () => {
    const { source } = await setup({ connections: { "acme-space/office": wire({ tunnels: [] }) } });
    expect(await source.fetch(REF, never)).toMatchObject({ kind: "waiting", reason: expect.stringContaining("0 of 2 tunnels") });
  });
});

describe("an error", () => {
  test("a wrong token: how to make another, without showing this one", async () => {
    const { api } = await setup();
    const error = await failureOf(() => sourceAt(api.url, { HEROKU_API_KEY: "HRKU-wrong-one" }).fetch(REF, never));
    expect(error).toMatchObject({
      code: "SOURCE_UNAUTHORIZED",
      message: "acme-space/office: Heroku refuses the token (401: Invalid credentials provided.)",
      fix: expect.stringContaining("heroku authorizations:create"),
    });
    expect(everythingOf(error)).not.toContain("HRKU-wrong-one");
  });

  test("no token: nothing is asked", async () => {
    const { api } = await setup();
    const error = await failureOf(() => sourceAt(api.url, { HEROKU_API_KEY: "", HOME: "/nonexistent" }).fetch(REF, never));
    expect(error.code).toBe("TOKEN_MISSING");
    expect(api.requests).toEqual([]);
  });

  test.each([
    [400, "SOURCE_NOT_FOUND"],
    [402, "SOURCE_FORBIDDEN"],
    [403, "SOURCE_FORBIDDEN"],
    [422, "SOURCE_NOT_FOUND"],
    [429, "SOURCE_RATE_LIMITED"],
    [500, "SOURCE_UNAVAILABLE"],
    [503, "SOURCE_UNAVAILABLE"],
    [302, "SOURCE_UNAVAILABLE"],
  ])("status %i is %s", async (status, code) => {
    const error = await faultOf({ kind: "status", status });
    expect(error).toMatchObject({ code, details: { status } });
    expect(error.fix).not.toBe("");
  });

  test("repeats Heroku's words on one line, without the token", async () => {
    const body = JSON.stringify({ id: "forbidden", message: `You may not.\nToken ${TOKEN} \u001b[31mis too weak` });
    const error = await failureOf(async () => sourceAt(await serve(403, {}, body)).fetch(REF, never));
    expect(error.message).toContain("(403: You may not. Token [redacted] [31mis too weak)");
  });

  test("a 404 that is not Heroku's is no waiting", async () => {
    const error = await failureOf(async () => sourceAt(await serve(404, {}, "<h1>Not found</h1>")).fetch(REF, never));
    expect(error).toMatchObject({ code: "SOURCE_NOT_FOUND", fix: "Check HEROKU_HOST and the proxy." });
  });

  test("a redirect is not followed: the token stays here", async () => {
    const { api } = await setup();
    const redirecting = await serve(302, { location: `${api.url}/spaces/acme-space/vpn-connections/office` }, "");
    await failureOf(() => sourceAt(redirecting).fetch(REF, never));
    expect(api.requests).toEqual([]);
  });

  test("Retry-After in seconds is passed on", async () => {
    expect((await faultOf({ kind: "status", status: 429, retryAfter: 17 })).details.retryAfterMs).toBe(17_000);
  });

  test("Retry-After as a date is passed on", async () => {
    const date = new Date(Date.now() + 60_000).toUTCString();
    const { retryAfterMs } = (await faultOf({ kind: "status", status: 503, retryAfter: date })).details;
    expect(retryAfterMs).toBeGreaterThan(55_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test.each(["soon", "-3", ""])("Retry-After %j says nothing", async (retryAfter) => {
    expect((await faultOf({ kind: "status", status: 429, retryAfter })).details).not.toHaveProperty("retryAfterMs");
  });

  test.each([
    [{ kind: "html" }, "SOURCE_MALFORMED", "is HTML, not JSON"],
    [{ kind: "malformed" }, "SOURCE_MALFORMED", "is not JSON"],
    [{ kind: "truncated" }, "SOURCE_UNAVAILABLE", "the connection was cut"],
    [{ kind: "reset" }, "SOURCE_UNAVAILABLE", "the connection was cut"],
    [{ kind: "hang" }, "SOURCE_UNAVAILABLE", "did not answer within 0.5 s"],
    [{ kind: "slow", ms: 3000 }, "SOURCE_UNAVAILABLE", "did not answer within 0.5 s"],
  ] as const)("%j is told for what it is, without a PSK", async (fault, code, words) => {
    const error = await faultOf(fault);
    expect(error).toMatchObject({ code, message: expect.stringContaining(words) });
    for (const secret of [...PSKS, TOKEN]) expect(everythingOf(error)).not.toContain(secret);
  });

  test("nobody listens", async () => {
    const { api, source } = await setup();
    await api.close();
    expect(await failureOf(() => source.fetch(REF, never))).toMatchObject({
      code: "SOURCE_UNAVAILABLE",
      message: expect.stringContaining("nothing listens there"),
    });
  });

  test("an endless answer is cut off at 1 MiB", async () => {
    const url = await serve(200, {}, Buffer.alloc(2 * 1024 * 1024, " "));
    const error = await failureOf(() => sourceAt(url).fetch(REF, never));
    expect(error).toMatchObject({ code: "SOURCE_MALFORMED", message: expect.stringContaining("more than 1 MiB") });
  });

  test("a PSK with a newline is refused and not shown", async () => {
    const { source } = await setup({
      connections: { "acme-space/office": wire({ tunnels: [{ ...FIRST, pre_shared_key: "abc\n: PSK x" }, FIRST] }) },
    });
    const error = await failureOf(() => source.fetch(REF, never));
    expect(error).toMatchObject({ code: "CONNECTION_INVALID", details: { fields: ["tunnels[0].pre_shared_key"] } });
    expect(everythingOf(error)).not.toContain("abc");
  });
});

describe("a proxy", () => {
  test("is asked to connect to api.heroku.com, and its password is in no error", async () => {
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on("connect", (request, socket) => {
      asked.push(request.url ?? "");
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void proxy.close());
    const HTTPS_PROXY = `http://me:sesame@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const source = createSource(HEROKU, { env: { HEROKU_API_KEY: TOKEN, HTTPS_PROXY }, clock: systemClock, version: "0" });
    const error = await failureOf(() => source.fetch(REF, never));
    expect(asked).toEqual(["api.heroku.com:443"]);
    expect(error.code).toBe("SOURCE_UNAVAILABLE");
    expect(everythingOf(error)).not.toContain("sesame");
  });

  test("whose address is none is refused without showing it", async () => {
    const env = { HTTPS_PROXY: "http://me:sesame@:::" };
    const error = await failureOf(() => createSource(HEROKU, { env, clock: systemClock, version: "0" }));
    expect(error.code).toBe("SETTINGS_INVALID");
    expect(everythingOf(error)).not.toContain("sesame");
  });
});
