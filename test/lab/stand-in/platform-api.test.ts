import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type StandInState, startPlatformApi } from "./platform-api.ts";

const OFFICE = {
  id: "123456789012",
  ike_version: 1,
  name: "office",
  public_ip: "203.0.113.10",
  routable_cidrs: ["172.16.0.0/16"],
  space_cidr_block: "10.0.0.0/16",
  status: "active",
  status_message: "",
  tunnels: [],
};

const HEADERS = { accept: "application/vnd.heroku+json; version=3", authorization: "Bearer x" };
const BODY = { name: "branch", public_ip: "203.0.113.11", routable_cidrs: ["172.20.0.0/16"] };

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const freshState = (changes: Partial<StandInState> = {}): Mutable<StandInState> => ({
  token: "x",
  connections: { "acme-space/office": OFFICE },
  fault: null,
  provisioning: { invisibleMs: 50, pendingMs: 100, provisioningMs: 100, deprovisioningMs: 100 },
  ...changes,
});

const clientOf =
  (url: string) =>
  async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${url}${path}`, { method, headers: { ...HEADERS, ...headers }, ...sent });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === "" ? undefined : JSON.parse(text) };
  };

const setup = async (changes: Partial<StandInState> = {}) => {
  const state = freshState(changes);
  const api = await startPlatformApi({ state });
  onTestFinished(() => api.close());
  return { state, api, ask: clientOf(api.url) };
};

const ALL = "/spaces/acme-space/vpn-connections";

/** A space without a connection. */
const setupEmpty = (changes: Partial<StandInState> = {}) => setup({ connections: {}, spaces: { "acme-space": {} }, ...changes });

describe("questions", () => {
  test.each([`${ALL}/office`, `${ALL}/123456789012`])("%s is the connection", async (path) => {
    const { ask } = await setup();
    expect(await ask("GET", path)).toMatchObject({ status: 200, body: OFFICE });
  });

  test("the list holds those of the space only", async () => {
    const { ask } = await setup({ connections: { "acme-space/office": OFFICE, "other/branch": { ...OFFICE, name: "branch" } } });
    expect((await ask("GET", ALL)).body).toEqual([OFFICE]);
  });

  test.each([
    ["", { name: "acme-space", cidr: "10.0.0.0/16", region: { name: "virginia" } }],
    ["/nat", { state: "enabled" }],
    ["/peering-info", { unavailable_cidr_blocks: ["10.0.0.0/16", "10.1.0.0/16", "172.17.0.0/16"] }],
  ])("the space%s is there", async (path, body) => {
    const { ask } = await setup();
    expect(await ask("GET", `/spaces/acme-space${path}`)).toMatchObject({ status: 200, body });
  });

  test("the spaces are those that there are", async () => {
    const { ask } = await setup({ spaces: { "empty-space": { region: { name: "dublin" } } } });
    expect((await ask("GET", "/spaces")).body).toMatchObject([
      { name: "empty-space", region: { name: "dublin" } },
      { name: "acme-space" },
    ]);
  });

  test.each([`${ALL}/none`, "/spaces/none/vpn-connections", "/spaces/none", "/apps"])("%s is not found", async (path) => {
    const { ask } = await setup();
    expect(await ask("GET", path)).toMatchObject({ status: 404, body: { id: "not_found" } });
  });

  test("carry Heroku's headers back", async () => {
    const { ask } = await setup();
    const { headers } = await ask("GET", `${ALL}/office`, undefined, { "request-id": "abc" });
    expect(headers.get("request-id")).toBe("abc");
    expect(headers.get("ratelimit-remaining")).toBe("4499");
  });

  test("with a matching ETag are answered by 304", async () => {
    const { ask, state } = await setup();
    const etag = String((await ask("GET", `${ALL}/office`)).headers.get("etag"));
    expect((await ask("GET", `${ALL}/office`, undefined, { "if-none-match": etag })).status).toBe(304);
    state.connections["acme-space/office"] = { ...OFFICE, status: "failed" };
    expect((await ask("GET", `${ALL}/office`, undefined, { "if-none-match": etag })).status).toBe(200);
  });

  test("need the token and the version", async () => {
    const { ask } = await setup();
    expect(await ask("GET", ALL, undefined, { authorization: "Bearer y" })).toMatchObject({
      status: 401,
      body: { id: "unauthorized" },
    });
    expect((await ask("GET", ALL, undefined, { accept: "application/json" })).status).toBe(406);
  });

  test("are remembered without the token", async () => {
    const { ask, api } = await setup();
    await ask("GET", `${ALL}/office`);
    await vi.waitFor(() => expect(api.requests).toMatchObject([{ method: "GET", path: `${ALL}/office`, status: 200 }]));
    expect(api.requests[0]?.headers).not.toHaveProperty("authorization");
  });
});

describe("a connection", () => {
  test("made by POST is unknown, pending, provisioning and active in turn", async () => {
    const { ask } = await setupEmpty();
    expect(await ask("POST", ALL, BODY)).toMatchObject({ status: 201, body: { name: "branch", status: "pending" } });
    const seen: unknown[] = [];
    await vi.waitFor(
      async () => {
        const { status, body } = await ask("GET", `${ALL}/branch`);
        const shown = status === 404 ? 404 : body.status;
        if (seen.at(-1) !== shown) seen.push(shown);
        expect(shown).toBe("active");
        expect(body.tunnels).toHaveLength(2);
      },
      { timeout: 3000, interval: 10 },
    );
    expect(seen).toEqual([404, "pending", "provisioning", "active"]);
  });

  test("made again has other PSKs", async () => {
    const { ask, state } = await setupEmpty({ provisioning: { deprovisioningMs: 0 } });
    const psks = () => JSON.stringify(state.connections["acme-space/branch"]?.tunnels);
    await ask("POST", ALL, BODY);
    const before = psks();
    state.made = {};
    await ask("DELETE", `${ALL}/branch`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await ask("POST", ALL, BODY)).status).toBe(201);
    expect(psks()).not.toBe(before);
  });

  test("needs all that Heroku needs", async () => {
    const { ask } = await setupEmpty();
    expect(await ask("POST", ALL, { name: "branch" })).toMatchObject({ status: 422, body: { id: "invalid_params" } });
  });

  test.each(["10.0.128.0/24", "10.1.0.0/16", "8.8.8.0/24", "172.16.0.1/16"])("is refused with %s", async (block) => {
    const { ask } = await setupEmpty();
    const answer = await ask("POST", ALL, { ...BODY, routable_cidrs: ["172.20.0.0/16", block] });
    expect(answer).toMatchObject({ status: 422, body: { message: `routable_cidrs: ${block} cannot be used.` } });
  });

  test("is the space's only one, also while nobody can see it yet", async () => {
    const { ask } = await setupEmpty();
    expect((await ask("POST", ALL, BODY)).status).toBe(201);
    expect(await ask("POST", ALL, { ...BODY, name: "second" })).toMatchObject({ status: 409, body: { id: "conflict" } });
  });

  test("shows its tunnels before it is active", async () => {
    const { ask } = await setupEmpty({ provisioning: { invisibleMs: 0, pendingMs: 0, provisioningMs: 400 } });
    await ask("POST", ALL, BODY);
    const seen: unknown[] = [];
    await vi.waitFor(
      async () => {
        const { body } = await ask("GET", `${ALL}/branch`);
        seen.push(`${body.status} ${body.tunnels.length}`);
        expect(body.status).toBe("active");
      },
      { timeout: 3000, interval: 20 },
    );
    expect([...new Set(seen)]).toEqual(["provisioning 0", "provisioning 2", "active 2"]);
  });

  test("fails when it is told to, with tunnels as it is told", async () => {
    const outcome = { status: "failed", status_message: "No capacity." };
    const { ask, state } = await setupEmpty({ outcome, newTunnels: [{ ip: "34.203.187.158" }], provisioning: {} });
    state.provisioning = { invisibleMs: 0, pendingMs: 0, provisioningMs: 0 };
    await ask("POST", ALL, BODY);
    const { body } = await ask("GET", `${ALL}/branch`);
    expect(body).toMatchObject({ ...outcome, tunnels: [{ ip: "34.203.187.158" }, { ip: expect.stringMatching(/^34\.227/) }] });
  });

  test("has its routable CIDRs changed by PATCH, and nothing else", async () => {
    const { ask } = await setup();
    const body = { routable_cidrs: ["192.168.0.0/24"] };
    expect(await ask("PATCH", `${ALL}/office`, body)).toMatchObject({ status: 201, body });
    expect((await ask("GET", `${ALL}/office`)).body).toEqual({ ...OFFICE, ...body });
    expect((await ask("PATCH", `${ALL}/office`, { ...body, name: "x" })).status).toBe(422);
  });

  test("removed by DELETE is deprovisioning, then gone", async () => {
    const { ask } = await setup();
    expect(await ask("DELETE", `${ALL}/office`)).toMatchObject({ status: 202, body: { status: "deprovisioning" } });
    expect((await ask("GET", `${ALL}/office`)).body.status).toBe("deprovisioning");
    await vi.waitFor(async () => expect((await ask("GET", `${ALL}/office`)).status).toBe(404));
  });
});

describe("a fault", () => {
  test("can be a status with Retry-After", async () => {
    const { ask } = await setup({ fault: { kind: "status", status: 429, retryAfter: 7 } });
    const answer = await ask("GET", ALL);
    expect(answer).toMatchObject({ status: 429, body: { id: "rate_limit" } });
    expect(answer.headers.get("retry-after")).toBe("7");
  });

  test("can hit so many requests with one method", async () => {
    const { ask } = await setup({ fault: { kind: "status", status: 429, only: "DELETE", times: 1 } });
    const statuses: number[] = [];
    for (const method of ["GET", "DELETE", "DELETE"]) statuses.push((await ask(method, `${ALL}/office`)).status);
    expect(statuses).toEqual([200, 429, 202]);
  });

  test.each(["html", "malformed", "truncated", "reset"] as const)("can be %s, and ends when the state says so", async (kind) => {
    const { ask, state } = await setup({ fault: { kind } });
    await expect(ask("GET", `${ALL}/office`)).rejects.toThrow();
    state.fault = null;
    expect((await ask("GET", `${ALL}/office`)).status).toBe(200);
  });

  test("can be a delay", async () => {
    const { ask } = await setup({ fault: { kind: "slow", ms: 200 } });
    const begun = performance.now();
    expect((await ask("GET", `${ALL}/office`)).status).toBe(200);
    expect(performance.now() - begun).toBeGreaterThan(190);
  });

  test("can be silence", async () => {
    const { api } = await setup({ fault: { kind: "hang" } });
    const asking = fetch(`${api.url}${ALL}`, { headers: HEADERS, signal: AbortSignal.timeout(200) });
    await expect(asking).rejects.toThrow("timeout");
  });
});

test("the program prints its address, reads its state file anew and ends on SIGTERM", async () => {
  const directory = await mkdtemp(join(tmpdir(), "spacegate-stand-in-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, "state.json");
  await writeFile(path, JSON.stringify(freshState()));
  const main = join(import.meta.dirname, "main.ts");
  const child = spawn(process.execPath, [main, "--port", "0", "--state", path], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = await once(child.stdout, "data");
  const ask = clientOf(String(line).trim());
  expect((await ask("GET", `${ALL}/office`)).body).toEqual(OFFICE);
  await writeFile(path, JSON.stringify(freshState({ connections: {}, spaces: { "acme-space": {} } })));
  expect((await ask("GET", `${ALL}/office`)).status).toBe(404);
  await ask("POST", ALL, BODY);
  expect(JSON.parse(await readFile(path, "utf8")).connections).toHaveProperty(["acme-space/branch"]);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});
