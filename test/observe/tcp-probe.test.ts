import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ProbeResult } from "../../agent/observe/probe-target.ts";
import { runTcpProbe } from "../../agent/observe/tcp-probe.ts";

const HOST = "127.0.0.1";

/** A server of this process that answers; every connection is forgotten at once. */
const openServer = async (): Promise<{ port: number; connections: () => number; close: () => void }> => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, connections: () => connections, close: () => server.close() };
};

const SERVER = `require("node:net").createServer((socket) => socket.on("error", () => {}))
  .listen({ port: 0, host: "${HOST}", backlog: 1 }, function () { console.log(this.address().port); });`;

/** A server that is stopped and whose queue is full: the kernel drops every SYN, as a silent network does. */
const silentServer = async (): Promise<{ port: number; wake: () => void }> => {
  const child = spawn(process.execPath, ["-e", SERVER], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<number>((resolve) => child.stdout.once("data", (text) => resolve(Number(text))));
  child.kill("SIGSTOP");
  const queue = Array.from({ length: 4 }, () => connect(port, HOST).on("error", () => {}));
  onTestFinished(() => {
    for (const socket of queue) socket.destroy();
    child.kill("SIGKILL");
  });
  await delay(100);
  const wake = (): void => {
    for (const socket of queue) socket.destroy();
    child.kill("SIGCONT");
  };
  return { port, wake };
};

/** A port that nobody listens on. */
const closedPort = async (): Promise<number> => {
  const { port, close } = await openServer();
  close();
  return port;
};

interface Probing {
  readonly results: ProbeResult[];
  /** Resolves when there are so many results. */
  readonly until: (count: number) => Promise<void>;
  readonly stop: () => Promise<string>;
}

const probe = (port: number, intervalMs = 30, localPort?: number): Probing => {
  const results: ProbeResult[] = [];
  const controller = new AbortController();
  const target = { target: HOST, port, source: HOST, intervalMs, ...(localPort === undefined ? {} : { mark: localPort }) };
  const ended = runTcpProbe(target, (result) => results.push(result), controller.signal);
  const stop = (): Promise<string> => {
    controller.abort();
    return ended;
  };
  onTestFinished(async () => void (await stop()));
  const until = async (count: number): Promise<void> => {
    while (results.length < count) await delay(5);
  };
  return { results, until, stop };
};

const hexPort = (port: number): string => port.toString(16).toUpperCase().padStart(4, "0");

/** Local ports of this machine's sockets towards a port of it, in any state that a prober could leave behind. */
const socketsTowards = (port: number, without: ReadonlySet<string> = new Set()): string[] =>
  readFileSync("/proc/self/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote]) => remote?.endsWith(`:${hexPort(port)}`))
    .map(([, local = ""]) => local)
    .filter((local) => !without.has(local));

describe("probing by TCP handshakes", () => {
  it("tells the round trip of every answer, at its rhythm", async () => {
    const server = await openServer();
    const { results, until, stop } = probe(server.port);
    await until(5);
    await stop();
    for (const result of results) expect(result).toBeGreaterThan(0);
    expect(server.connections()).toBeGreaterThanOrEqual(5);
  });

  it("takes a refusal for an answer: it came back through the tunnel", async () => {
    const { results, until } = probe(await closedPort());
    await until(3);
    for (const result of results) expect(result).toEqual(expect.any(Number));
  });

  it("takes silence for a miss, once an interval", async () => {
    const { port } = await silentServer();
    const { results, until } = probe(port);
    await until(4);
    expect(results.slice(0, 4)).toEqual([null, null, null, null]);
  });

  it("always uses the port that leads through its tunnel, answer after answer", async () => {
    const server = await openServer();
    const own = await closedPort();
    const { results, until, stop } = probe(server.port, 20, own);
    await until(30);
    await stop();
    expect(results.filter((result) => result === null)).toEqual([]);
    expect(socketsTowards(server.port)).toEqual([]);
  });

  it("has its port back after a miss, so that one lost packet does not cost the next probe", async () => {
    const server = await silentServer();
    const before = new Set(socketsTowards(server.port));
    const own = await closedPort();
    const { results, until } = probe(server.port, 50, own);
    await until(3);
    const mine = socketsTowards(server.port, before);
    expect(mine.map((local) => local.split(":")[1])).toEqual([hexPort(own)]);
    server.wake();
    await delay(200);
    const seen = results.length;
    await until(seen + 3);
    expect(results.slice(-3)).not.toContain(null);
  });

  it("leaves no socket behind, however many probes stay unanswered", async () => {
    const { port } = await silentServer();
    const before = new Set(socketsTowards(port));
    const { until, stop } = probe(port, 10);
    await until(50);
    expect(socketsTowards(port, before).length).toBeLessThanOrEqual(1);
    await stop();
    await delay(20);
    expect(socketsTowards(port, before)).toEqual([]);
  });

  it("ends when it is told to, and tells nothing afterwards", async () => {
    const { port } = await silentServer();
    const { results, until, stop } = probe(port);
    await until(1);
    expect(await stop()).toBe("aborted");
    const told = results.length;
    await delay(100);
    expect(results.length).toBe(told);
  });

  it("does nothing when it was told to end before it began", async () => {
    const server = await openServer();
    const target = { target: HOST, port: server.port, source: HOST, intervalMs: 10 };
    expect(await runTcpProbe(target, () => {}, AbortSignal.abort())).toBe("aborted");
    await delay(50);
    expect(server.connections()).toBe(0);
  });
});
