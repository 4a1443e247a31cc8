import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ViciClient } from "../../agent/vici/client.ts";
import type { ViciMessage } from "../../agent/vici/types.ts";
import { FakeCharon, type Handler } from "./fake-charon.ts";
import { eventsOf, responseOf } from "./golden.ts";
import { until } from "./until.ts";

let charon: FakeCharon;
let client: ViciClient;

/** Streams what a real charon streamed. */
const replay =
  (fixture: string, event: string): Handler =>
  (_message, connection) => {
    for (const message of eventsOf(fixture, event)) connection.event(event, message);
    return {};
  };

beforeEach(async () => {
  charon = await new FakeCharon().on("version", responseOf("version")).start();
  client = new ViciClient({ path: charon.path, retryMs: 5 });
});

afterEach(async () => {
  await client.stop();
  await charon.stop();
});

describe("queries", () => {
  it("read a real charon's version, stats and algorithms", async () => {
    charon.on("stats", responseOf("stats")).on("get-algorithms", responseOf("get-algorithms"));
    await expect(client.version()).resolves.toEqual({ daemon: "charon", version: "5.9.8" });
    await expect(client.stats()).resolves.toMatchObject({
      ikeSas: 0,
      halfOpen: 0,
      plugins: expect.arrayContaining(["vici", "stroke"]),
    });
    const algorithms = await client.getAlgorithms();
    expect(algorithms.get("encryption")).toContain("AES_CBC");
    expect(algorithms.get("dh")).toContain("MODP_2048");
    expect(algorithms.get("aead")).toEqual([]);
  });

  it("read a real charon's conns and SAs", async () => {
    charon.on("list-conns", replay("list-conns", "list-conn")).on("list-sas", replay("list-sas", "list-sa"));
    expect((await client.listConns()).map((conn) => conn.name)).toEqual(["vpn1", "vpn2"]);
    expect((await client.listSas()).map((sa) => `${sa.name} ${sa.state}`)).toEqual(["vpn2 CONNECTING", "vpn1 ESTABLISHED"]);
  });

  it("ask for the SAs of one conn", async () => {
    charon.on("list-sas", {});
    await client.listSas({ ike: "vpn1" });
    await client.listSas();
    expect(charon.messages).toEqual([{ ike: "vpn1" }, {}]);
  });

  it("share one connection, also when they start together", async () => {
    charon.on("list-sas", {});
    await Promise.all([client.version(), client.listSas(), client.version()]);
    await client.listSas();
    expect(new Set(charon.requests.map((request) => request[0]))).toEqual(new Set(["1"]));
  });

  it("fail while charon is away and work again when it is back", async () => {
    await client.version();
    await charon.die();
    await expect(client.version()).rejects.toMatchObject({ code: "VICI_UNREACHABLE" });
    await charon.start();
    await expect(client.version()).resolves.toMatchObject({ version: "5.9.8" });
  });

  it("work on a new connection after one that broke", async () => {
    charon.on("stats", (_message, connection) => {
      connection.cut();
      return undefined;
    });
    await expect(client.stats()).rejects.toMatchObject({ code: "VICI_UNREACHABLE" });
    await expect(client.version()).resolves.toMatchObject({ version: "5.9.8" });
  });
});

describe("initiate", () => {
  it("asks charon for the child within the time", async () => {
    charon.on("initiate", { success: "yes" });
    await client.initiate({ ike: "vpn1", child: "vpn1", timeoutMs: 3000 });
    await client.initiate({ child: "vpn2", timeoutMs: 1000 });
    expect(charon.messages).toEqual([
      { ike: "vpn1", child: "vpn1", timeout: "3000" },
      { child: "vpn2", timeout: "1000" },
    ]);
  });

  it("blocks a connection of its own only, and closes it", async () => {
    const gate = Promise.withResolvers<ViciMessage>();
    charon.on("initiate", () => gate.promise);
    await client.version();
    const initiating = client.initiate({ child: "vpn1", timeoutMs: 3000 });
    await until("it is in flight", () => charon.requests.includes("2 initiate"));
    await expect(client.version()).resolves.toMatchObject({ version: "5.9.8" });
    gate.resolve({ success: "yes" });
    await initiating;
    await until("it is closed", () => charon.connections === 1);
  });

  it("rejects with charon's reason", async () => {
    charon.on("initiate", responseOf("error-initiate"));
    await expect(client.initiate({ child: "no-such-child", timeoutMs: 1000 })).rejects.toMatchObject({
      code: "VICI_COMMAND_FAILED",
      details: { command: "initiate", reason: "CHILD_SA config 'no-such-child' not found" },
    });
  });

  it("passes charon's log of the attempt on", async () => {
    charon.on("initiate", (_message, connection) => {
      for (const event of eventsOf("initiate", "control-log")) connection.event("control-log", event);
      return { success: "yes" };
    });
    const lines: string[] = [];
    await client.initiate({ child: "vpn1", timeoutMs: 1000, onLog: (line) => lines.push(line) });
    expect(lines[0]).toBe("initiating Main Mode IKE_SA vpn1[1] to 34.203.187.158");
    expect(charon.requests).toEqual(["1 register control-log", "1 initiate"]);
  });

  it("gives up when its signal says so", async () => {
    charon.on("initiate", () => undefined);
    const stop = new AbortController();
    const initiating = client.initiate({ child: "vpn1", timeoutMs: 60_000, signal: stop.signal });
    await until("it is in flight", () => charon.requests.length === 1);
    stop.abort(new Error("enough"));
    await expect(initiating).rejects.toThrow("enough");
    await until("it is closed", () => charon.connections === 0);
  });

  it("gives up when the client stops", async () => {
    charon.on("initiate", () => undefined);
    const initiating = client.initiate({ child: "vpn1", timeoutMs: 60_000 });
    const rejected = expect(initiating).rejects.toThrow("the agent stops");
    await until("it is in flight", () => charon.requests.length === 1);
    await client.stop();
    await rejected;
  });
});

describe("terminate and rekey", () => {
  it("name their target in charon's words", async () => {
    charon.on("terminate", responseOf("terminate"));
    await expect(client.terminate({ ike: "vpn1", timeoutMs: 1000 })).resolves.toBe(1);
    await client.terminate({ ikeId: 7, force: true, timeoutMs: 1000 });
    await client.terminate({ child: "vpn1", timeoutMs: 1000 });
    await client.terminate({ childId: 8, timeoutMs: 1000 });
    expect(charon.messages).toEqual([
      { ike: "vpn1", force: "no", timeout: "1000" },
      { "ike-id": "7", force: "yes", timeout: "1000" },
      { child: "vpn1", force: "no", timeout: "1000" },
      { "child-id": "8", force: "no", timeout: "1000" },
    ]);
  });

  it("take nothing to do for done", async () => {
    charon.on("terminate", responseOf("error-terminate")).on("rekey", responseOf("error-rekey"));
    await expect(client.terminate({ ike: "no-such-ike", timeoutMs: 1000 })).resolves.toBe(0);
    await expect(client.rekey({ child: "no-such-child" })).resolves.toBe(0);
  });

  it("tell how many SAs are renewed", async () => {
    charon.on("rekey", responseOf("rekey"));
    await expect(client.rekey({ child: "vpn1", reauth: true })).resolves.toBe(1);
    expect(charon.messages).toEqual([{ child: "vpn1", reauth: "yes" }]);
  });

  it("reject when charon fails at what matched", async () => {
    charon.on("terminate", { success: "no", matches: "1", terminated: "0", errmsg: "terminating IKE_SA failed" });
    await expect(client.terminate({ ike: "vpn1", timeoutMs: 1000 })).rejects.toMatchObject({ code: "VICI_COMMAND_FAILED" });
  });
});

describe("throw-away conns", () => {
  it("are loaded and unloaded", async () => {
    charon.on("load-conn", responseOf("load-conn")).on("unload-conn", { success: "yes" });
    const conn = { version: "1", proposals: ["aes256-sha256-modp2048"] };
    await client.loadConn("probe", conn);
    await client.unloadConn("probe");
    expect(charon.messages).toEqual([{ probe: conn }, { name: "probe" }]);
  });

  it("tell a proposal that charon refuses", async () => {
    charon.on("load-conn", responseOf("error-load-conn"));
    await expect(client.loadConn("probe", { proposals: ["aes256-sha2-modp2048"] })).rejects.toMatchObject({
      details: { reason: "invalid value for: proposals, config discarded" },
    });
  });
});

describe("the client", () => {
  it("watches events on a connection of their own from start to stop", async () => {
    const seen: string[] = [];
    client.start({
      onUp: () => seen.push("up"),
      onDown: () => seen.push("down"),
      onEvent: (name) => seen.push(name),
    });
    await until("it is up", () => seen.length === 1);
    await client.version();
    expect(charon.connections).toBe(2);
    charon.event("ike-updown");
    await until("the event", () => seen.length === 2);
    await client.stop();
    await until("both are closed", () => charon.connections === 0);
    expect(seen).toEqual(["up", "ike-updown"]);
  });

  it("leaves no connection behind when it stops while one is being opened", async () => {
    const call = client.version();
    const rejected = expect(call).rejects.toMatchObject({ code: "VICI_UNREACHABLE" });
    await client.stop();
    await rejected;
    await until("charon sees it", () => charon.connections === 0);
  });

  it("answers nothing after stop", async () => {
    await client.stop();
    await expect(client.version()).rejects.toThrow("the agent stops");
    expect(charon.requests).toEqual([]);
  });
});
