import { describe, expect, it } from "vitest";
import { appOf } from "./app.ts";
import { AT, gatewayStatus } from "./support.ts";

const setUp = (isLocal: boolean) => {
  const told: string[] = [];
  const drain = { begin: (ms: number) => void told.push(`begin ${ms}`), cancel: () => void told.push("cancel") };
  return { told, app: appOf({ drain }, { isLocal: () => isLocal }) };
};

describe("the way to take the gateway out of service", () => {
  it("is open to the agent's own commands", async () => {
    const { app, told } = setUp(true);
    expect((await app.inject({ method: "POST", url: "/api/drain?for_ms=30000" })).statusCode).toBe(200);
    expect((await app.inject({ method: "DELETE", url: "/api/drain" })).statusCode).toBe(200);
    expect(told).toEqual(["begin 30000", "cancel"]);
  });

  it.each(["", "?for_ms=-1", "?for_ms=1.5", "?for_ms=soon", "?for_ms=99999999999"])('refuses a time like "%s"', async (query) => {
    const { app, told } = setUp(true);
    expect((await app.inject({ method: "POST", url: `/api/drain${query}` })).statusCode).toBe(400);
    expect(told).toEqual([]);
  });

  it.each(["POST", "DELETE"] as const)("is closed to the network: %s", async (method) => {
    const { app, told } = setUp(false);
    const answer = await app.inject({ method, url: "/api/drain?for_ms=1", headers: { host: "127.0.0.1" } });
    expect([answer.statusCode, told]).toEqual([405, []]);
  });

  it("opens nothing else to the agent's own commands", async () => {
    const { app } = setUp(true);
    expect((await app.inject({ method: "POST", url: "/healthz" })).statusCode).toBe(405);
    expect((await app.inject({ method: "POST", url: "/api/nothing" })).statusCode).toBe(405);
  });
});

describe("a gateway that is being taken out of service", () => {
  const draining = { since: AT, closesAt: AT + 30_000, closed: false };
  const app = () => appOf({ status: () => gatewayStatus({ status: "ok", draining }) });
  const get = async (url: string) => app().inject({ url, headers: { host: "127.0.0.1" } });

  it("says so on /healthz, and of its tunnels what is true", async () => {
    const answer = await get("/healthz");
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      status: "ok",
      draining: { since: "2026-11-01T12:00:00.000Z", closes_at: "2026-11-01T12:00:30.000Z", closed: false },
    });
  });

  it("is not ready, and alive", async () => {
    const ready = await get("/readyz");
    expect([ready.statusCode, ready.json()]).toEqual([503, { ready: false }]);
    expect((await get("/livez")).statusCode).toBe(200);
  });

  it("is counted as such", async () => {
    expect((await get("/metrics")).body).toContain("\nspacegate_draining 1\n");
    expect((await appOf().inject({ url: "/metrics", headers: { host: "127.0.0.1" } })).body).toContain(
      "\nspacegate_draining 0\n",
    );
  });
});
