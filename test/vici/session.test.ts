import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeSegment } from "../../agent/vici/framer.ts";
import { type SessionOptions, ViciSession } from "../../agent/vici/session.ts";
import { FakeCharon } from "./fake-charon.ts";
import { golden } from "./golden.ts";
import { until } from "./until.ts";

const VERSION = { daemon: "charon", version: "5.9.8" };

let charon: FakeCharon;
let session: ViciSession;
let events: string[];

const connect = async (options: Partial<SessionOptions> = {}): Promise<ViciSession> => {
  session = await ViciSession.connect({
    path: charon.path,
    onEvent: (name, message) => events.push(`${name} ${JSON.stringify(message)}`),
    ...options,
  });
  return session;
};

beforeEach(async () => {
  charon = await new FakeCharon().on("version", VERSION).start();
  events = [];
  await connect();
});

afterEach(async () => {
  session.close();
  await charon.stop();
});

describe("a command", () => {
  it("resolves to charon's reply", async () => {
    await expect(session.command("version")).resolves.toEqual(VERSION);
  });

  it("carries its message", async () => {
    charon.on("load-conn", { success: "yes" });
    const message = { probe: { version: "1", proposals: ["aes256-sha256-modp2048"] } };
    await session.command("load-conn", message);
    expect(charon.messages).toEqual([message]);
  });

  it("that charon refuses rejects with charon's reason and the command's name", async () => {
    charon.on("unload-conn", { success: "no", errmsg: "unload: connection 'vpn1' not found" });
    await expect(session.command("unload-conn", { name: "vpn1" })).rejects.toMatchObject({
      code: "VICI_COMMAND_FAILED",
      message: "charon refused unload-conn: unload: connection 'vpn1' not found",
      details: { command: "unload-conn", reason: "unload: connection 'vpn1' not found" },
    });
  });

  it("that charon refuses leaves the connection usable", async () => {
    charon.on("rekey", { success: "no", matches: "0", errmsg: "no matching SAs to rekey found" });
    await expect(session.command("rekey")).rejects.toMatchObject({ details: { matches: 0 } });
    await expect(session.command("version")).resolves.toEqual(VERSION);
  });

  it("that charon does not know rejects and leaves the connection usable", async () => {
    await expect(session.command("teleport")).rejects.toMatchObject({
      code: "VICI_COMMAND_FAILED",
      message: "charon does not know the command teleport",
    });
    await expect(session.command("version")).resolves.toEqual(VERSION);
  });

  it("waits until the one before it is answered, in the order of the calls", async () => {
    const gate = Promise.withResolvers<undefined>();
    charon.on("initiate", async () => ({ success: (await gate.promise) ?? "yes" }));
    const order: string[] = [];
    const calls = ["initiate", "version", "initiate"].map((name, index) =>
      session.command(name).then(() => order.push(`${index} ${name}`)),
    );
    await until("the first is there", () => charon.requests.length === 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(charon.requests).toEqual(["1 initiate"]);
    gate.resolve(undefined);
    await Promise.all(calls);
    expect(order).toEqual(["0 initiate", "1 version", "2 initiate"]);
  });

  it("longer than the format allows rejects, and the next one works", async () => {
    await expect(session.command("load-conn", { name: "x".repeat(70_000) })).rejects.toThrow(RangeError);
    await expect(session.command("version")).resolves.toEqual(VERSION);
  });
});

describe("a streamed command", () => {
  const streamed = (count: number) =>
    charon.on("list-sas", (_message, connection) => {
      for (let index = 0; index < count; index += 1) connection.event("list-sa", { [`vpn${index}`]: {} });
      return {};
    });

  it("collects its events until the reply", async () => {
    streamed(3);
    await expect(session.stream("list-sas", "list-sa")).resolves.toEqual([{ vpn0: {} }, { vpn1: {} }, { vpn2: {} }]);
    expect(events).toEqual([]);
  });

  it("registers its event once a connection", async () => {
    streamed(0);
    await Promise.all([session.stream("list-sas", "list-sa"), session.stream("list-sas", "list-sa")]);
    await session.stream("list-sas", "list-sa");
    expect(charon.requests).toEqual(["1 register list-sa", "1 list-sas", "1 list-sas", "1 list-sas"]);
  });

  it("lets other events through, in their order", async () => {
    charon.on("list-sas", (_message, connection) => {
      connection.event("log", { msg: "before" });
      connection.event("list-sa", { vpn1: {} });
      connection.event("log", { msg: "after" });
      return {};
    });
    await expect(session.stream("list-sas", "list-sa")).resolves.toEqual([{ vpn1: {} }]);
    expect(events).toEqual(['log {"msg":"before"}', 'log {"msg":"after"}']);
  });

  it("rejects when charon does not know the event", async () => {
    charon.knownEvents.delete("list-sa");
    await expect(session.stream("list-sas", "list-sa")).rejects.toMatchObject({ code: "VICI_COMMAND_FAILED" });
  });

  it("reads what a real charon streamed", async () => {
    charon.on("list-sas", (_message, connection) => {
      connection.raw(golden("list-sas").subarray(5));
      return undefined;
    });
    const sas = await session.stream("list-sas", "list-sa");
    expect(sas.map((sa) => Object.keys(sa))).toEqual([["vpn2"], ["vpn1"]]);
  });
});

describe("events", () => {
  it("are delivered once they are subscribed to, in the order of arrival", async () => {
    await expect(session.subscribe(["log", "ike-updown"])).resolves.toEqual(["log", "ike-updown"]);
    charon.event("log", { msg: "1" });
    charon.event("ike-updown", { up: "yes" });
    charon.event("log", { msg: "2" });
    await until("three events", () => events.length === 3);
    expect(events).toEqual(['log {"msg":"1"}', 'ike-updown {"up":"yes"}', 'log {"msg":"2"}']);
  });

  it("that charon does not know are left out of the answer", async () => {
    await expect(session.subscribe(["alert", "log"])).resolves.toEqual(["log"]);
  });

  it("may come between a command and its reply, and after it", async () => {
    charon.on("initiate", (_message, connection) => {
      connection.event("log", { msg: "during" });
      setImmediate(() => connection.event("log", { msg: "after" }));
      return { success: "yes" };
    });
    await expect(session.command("initiate")).resolves.toEqual({ success: "yes" });
    await until("both events", () => events.length === 2);
    await expect(session.command("version")).resolves.toEqual(VERSION);
  });

  it("end the connection when the listener throws, with its error as the cause", async () => {
    session.close();
    const bug = new TypeError("a bug");
    await connect({
      onEvent: () => {
        throw bug;
      },
    });
    await session.subscribe(["log"]);
    charon.event("log");
    expect(await session.closed).toMatchObject({ code: "VICI_UNREACHABLE", cause: bug });
  });
});

describe("a timeout", () => {
  beforeEach(() => {
    charon.on("hang", () => undefined);
  });

  it("fails the command and closes the connection, because a late reply would be taken for the next one's", async () => {
    await expect(session.command("hang", {}, { timeoutMs: 20 })).rejects.toMatchObject({
      code: "COMMAND_TIMEOUT",
      message: "charon did not answer hang within 20 ms",
    });
    expect(session.isClosed).toBe(true);
    expect(await session.closed).toMatchObject({ code: "COMMAND_TIMEOUT" });
  });

  it("of a command that still waits in the queue fails that one alone", async () => {
    const gate = Promise.withResolvers<void>();
    charon.on("slow", async () => {
      await gate.promise;
      return { done: "yes" };
    });
    const slow = session.command("slow");
    await expect(session.command("version", {}, { timeoutMs: 20 })).rejects.toMatchObject({ code: "COMMAND_TIMEOUT" });
    gate.resolve();
    await expect(slow).resolves.toEqual({ done: "yes" });
    await session.command("version");
    expect(charon.requests).toEqual(["1 slow", "1 version"]);
  });

  it("fails whatever waits behind it", async () => {
    const results = await Promise.allSettled([session.command("hang", {}, { timeoutMs: 20 }), session.command("version")]);
    expect(results.map((result) => result.status)).toEqual(["rejected", "rejected"]);
  });
});

describe("an abort", () => {
  it("before the call sends nothing", async () => {
    const reason = new Error("stop");
    await expect(session.command("version", {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(charon.requests).toEqual([]);
  });

  it("in flight rejects with the signal's reason and closes the connection", async () => {
    charon.on("hang", () => undefined);
    const controller = new AbortController();
    const reason = new Error("stop");
    const call = session.command("hang", {}, { signal: controller.signal });
    await until("it is in flight", () => charon.requests.length === 1);
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(await session.closed).toMatchObject({ code: "VICI_UNREACHABLE", cause: reason });
  });

  it("in the queue takes only that command", async () => {
    const controller = new AbortController();
    const first = session.command("version");
    const second = session.command("version", {}, { signal: controller.signal });
    controller.abort(new Error("stop"));
    await expect(second).rejects.toThrow("stop");
    await expect(first).resolves.toEqual(VERSION);
    expect(charon.requests).toEqual(["1 version"]);
  });
});

describe("the connection", () => {
  it("that nobody serves rejects with what to do", async () => {
    await charon.die();
    await expect(connect()).rejects.toMatchObject({
      code: "VICI_UNREACHABLE",
      message: expect.stringContaining(charon.path),
      fix: expect.stringContaining("strongswan-starter"),
    });
  });

  it("to a file that is no socket rejects likewise", async () => {
    const path = `${charon.path}.file`;
    writeFileSync(path, "");
    await expect(connect({ path })).rejects.toMatchObject({ code: "VICI_UNREACHABLE" });
  });

  it("that charon closes fails the command in flight, those that wait, and later ones", async () => {
    charon.on("die", (_message, connection) => {
      connection.cut();
      return undefined;
    });
    const results = await Promise.allSettled([session.command("die"), session.command("version")]);
    for (const result of results) expect(result).toMatchObject({ status: "rejected", reason: { code: "VICI_UNREACHABLE" } });
    expect(await session.closed).toMatchObject({ message: "charon closed its control socket" });
    await expect(session.command("version")).rejects.toMatchObject({ code: "VICI_UNREACHABLE" });
  });

  it("that is closed in the middle of a reply fails the command", async () => {
    charon.on("version", (_message, connection) => {
      connection.raw(encodeSegment({ kind: "response", message: VERSION }).subarray(0, 20));
      setImmediate(() => connection.cut());
      return undefined;
    });
    await expect(session.command("version")).rejects.toMatchObject({ code: "VICI_UNREACHABLE" });
  });

  it("that the agent closes tells no reason and fails what waits", async () => {
    charon.on("hang", () => undefined);
    const call = session.command("hang");
    session.close();
    session.close();
    await expect(call).rejects.toMatchObject({ code: "VICI_UNREACHABLE" });
    expect(await session.closed).toBeUndefined();
    await until("charon sees it", () => charon.connections === 0);
  });

  it.each<[string, Buffer]>([
    ["garbage", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["a segment that is too long", Buffer.of(0, 8, 0, 1)],
    ["an empty segment", Buffer.alloc(4)],
    ["a reply that nobody asked for", encodeSegment({ kind: "response", message: {} })],
    ["a command", encodeSegment({ kind: "command", name: "version", message: {} })],
  ])("ends with VICI_PROTOCOL after %s", async (_what, bytes) => {
    await session.subscribe(["log"]);
    charon.raw(bytes);
    expect(await session.closed).toMatchObject({ code: "VICI_PROTOCOL" });
  });

  it("ends with VICI_PROTOCOL when a command is answered like a registration", async () => {
    charon.on("version", (_message, connection) => {
      connection.send({ kind: "confirm" });
      return undefined;
    });
    await expect(session.command("version")).rejects.toMatchObject({ code: "VICI_PROTOCOL" });
    expect(session.isClosed).toBe(true);
  });

  it("delivers nothing after the listener closed it, though more was in the same chunk", async () => {
    session.close();
    await connect({
      onEvent: (name) => {
        events.push(name);
        session.close();
      },
    });
    await session.subscribe(["log"]);
    const log = encodeSegment({ kind: "event", name: "log", message: {} });
    charon.raw(Buffer.concat([log, log]));
    await session.closed;
    await new Promise((resolve) => setImmediate(resolve));
    expect(events).toEqual(["log"]);
  });

  it("delivers nothing after its end, though more was in the same chunk", async () => {
    await session.subscribe(["log"]);
    const log = encodeSegment({ kind: "event", name: "log", message: {} });
    charon.raw(Buffer.concat([log, Buffer.alloc(4), log]));
    await session.closed;
    expect(events).toEqual(["log {}"]);
  });
});
