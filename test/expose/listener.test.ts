import { execFile } from "node:child_process";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { failureOf, temporaryDirectory } from "../lib/support.ts";
import { getHttps } from "./https.ts";
import { opened } from "./listener-support.ts";

const connected = async (port: number): Promise<Socket> => {
  const socket = connect(port, "127.0.0.1").setEncoding("utf8");
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
};

/** Everything that comes until the other end closes. */
const untilClosed = async (socket: Socket): Promise<string> => {
  let text = "";
  socket.on("data", (chunk) => (text += String(chunk)));
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
};

const say = async (port: number, text: string): Promise<string> => {
  const socket = await connected(port);
  socket.write(text);
  return untilClosed(socket);
};

describe("listening", () => {
  it("serves over a real socket, and closes at once with a client still there", async () => {
    const { listener, port, state } = await opened();
    const reply = await fetch(`http://127.0.0.1:${port}/healthz`);
    expect([reply.status, ((await reply.json()) as { status: string }).status]).toEqual([200, "degraded"]);
    expect(state()).toEqual({ status: { tls: false, certificateExpiresAt: null, authorityExpiresAt: null }, troubles: [] });
    const idle = await connected(port);
    const started = performance.now();
    await listener.close();
    expect(performance.now() - started).toBeLessThan(500);
    idle.destroy();
  });

  it("closes at once with a client that never begins its handshake", async () => {
    const { listener, port } = await opened({ tls: {} });
    const silent = await connected(port);
    const started = performance.now();
    await listener.close();
    expect(performance.now() - started).toBeLessThan(500);
    silent.destroy();
  });

  it("on a port that somebody has says which one and how to find out who", async () => {
    const { port } = await opened();
    const error = await failureOf(() => opened({ port }));
    expect(error.code).toBe("LISTEN_FAILED");
    expect(error.message).toMatch(new RegExp(`^Nothing can be served on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`));
    expect(error.fix).toContain("listen.port");
  });

  it("on an address that this host does not have says so", async () => {
    const error = await failureOf(() => opened({ address: "192.0.2.77", plain_http: true }));
    expect([error.code, error.message]).toEqual(["LISTEN_FAILED", expect.stringContaining("EADDRNOTAVAIL")]);
  });
});

describe("a client that is slow or greedy", () => {
  it("gets five seconds for its headers, and then nothing more", { timeout: 15_000 }, async () => {
    const { port } = await opened();
    const socket = await connected(port);
    socket.write("GET /livez HTTP/1.1\r\nHost: localhost\r\n");
    const drip = setInterval(() => socket.write("X-Slow: 1\r\n"), 500);
    const started = performance.now();
    const answer = await untilClosed(socket);
    clearInterval(drip);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(performance.now() - started).toBeLessThan(8000);
  });

  it.each([
    ["a huge header", `GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Big: ${"x".repeat(9000)}\r\n\r\n`],
    ["a huge path", `GET /${"x".repeat(9000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ["many headers", `GET /livez HTTP/1.1\r\nHost: localhost\r\n${"X-Many: 1\r\n".repeat(1000)}\r\n`],
  ])("is refused with %s", async (_what, text) => {
    const { port } = await opened();
    expect(await say(port, text)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it("is refused with a body, whatever its length, before it is sent", async () => {
    const { port } = await opened();
    const head = "POST /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 1000000000\r\n\r\n";
    expect(await say(port, head)).toMatch(/^HTTP\/1\.1 405 /);
  });

  it("with hundreds of connections is stopped at 256", async () => {
    const { port } = await opened();
    const sockets = await Promise.all(Array.from({ length: 256 }, () => connected(port)));
    expect(await untilClosed(await connected(port))).toBe("");
    for (const socket of sockets) socket.destroy();
  });

  it("is refused with a path that is none, which is not quoted, and with the security headers", async () => {
    const { port } = await opened();
    const answer = await say(port, "GET /%ff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*x-content-type-options: nosniff/is);
    expect(answer).not.toContain("%ff");
  });

  it("without a Host header is refused", async () => {
    const { port } = await opened();
    expect(await say(port, "GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    expect(await say(port, "GET /livez HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.1 421 /);
  });
});

const TOKEN = "a-bearer-token-of-the-test-0123";

describe("a bearer token", () => {
  const withToken = async (text: string = `${TOKEN}\n`, mode = 0o600) => {
    const file = join(await temporaryDirectory(), "token");
    await writeFile(file, text, { mode });
    const open = await opened({ token_file: file });
    const ask = async (path: string, authorization?: string) =>
      fetch(`http://127.0.0.1:${open.port}${path}`, { headers: authorization === undefined ? {} : { authorization } });
    const codeFor = async (authorization?: string): Promise<number> => (await ask("/metrics", authorization)).status;
    return { ...open, file, ask, codeFor };
  };
  const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString("base64")}`;

  it.each([`Bearer ${TOKEN}`, `bearer  ${TOKEN}`, basic(`anyone:${TOKEN}`), basic(`:${TOKEN}`)])("lets %s in", async (header) => {
    expect(await (await withToken()).codeFor(header)).toBe(200);
  });

  it.each([
    undefined,
    "",
    "Bearer",
    "Bearer ",
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(0, -1)}`,
    TOKEN,
    `Token ${TOKEN}`,
    basic("anyone:"),
    basic(`${TOKEN}:wrong`),
    "Basic %%%",
  ])("refuses %j", async (header) => {
    expect(await (await withToken()).codeFor(header)).toBe(401);
  });

  it("is asked for in the way that RFC 6750 wants, and with the security headers", async () => {
    const { headers } = await (await withToken()).ask("/healthz");
    expect(headers.get("www-authenticate")).toBe('Bearer realm="spacegate", Basic realm="spacegate"');
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("is asked for everywhere but at /livez", async () => {
    const { ask } = await withToken();
    const codes = [
      "/livez",
      "/livez?x=1",
      "/readyz",
      "/healthz",
      "/api/status",
      "/metrics",
      "/",
      "/nonsense",
      "/livez/",
      "//livez",
    ].map(async (path) => (await ask(path)).status);
    expect(await Promise.all(codes)).toEqual([200, 200, 401, 401, 401, 401, 401, 401, 401, 401]);
  });

  it("is taken from the file as it is now, and no longer holds when the file is gone", async () => {
    const { codeFor, file, touch, state } = await withToken();
    await writeFile(file, "another-token-of-the-test-0123");
    await touch(file);
    expect([await codeFor(`Bearer ${TOKEN}`), await codeFor("Bearer another-token-of-the-test-0123")]).toEqual([401, 200]);
    await writeFile(file, "");
    await touch(file);
    expect([await codeFor("Bearer another-token-of-the-test-0123"), await codeFor("Bearer ")]).toEqual([401, 401]);
    expect(state().troubles).toMatchObject([{ code: "token-refused", text: expect.stringContaining(file) }]);
  });

  it.each([
    ["open to others", `${TOKEN}\n`, 0o640, /open to others/],
    ["short", "short\n", 0o600, /20 characters/],
    ["two lines", `${TOKEN}\n${TOKEN}\n`, 0o600, /on one line/],
    ["large", "x".repeat(300_000), 0o600, /larger than/],
  ])("in a file that is %s lets nobody in, and is not quoted", async (_what, text, mode, words) => {
    const { codeFor, state, log } = await withToken(text, mode);
    expect([await codeFor(`Bearer ${text.split("\n")[0]?.slice(0, 4000)}`), await codeFor("Bearer ")]).toEqual([401, 401]);
    const told = JSON.stringify(state()) + log.lines.join("\n");
    expect(told).toMatch(words);
    expect(told).not.toContain(text.trim().slice(0, 20));
  });

  it("that is missing lets nobody in", async () => {
    const { port, state } = await opened({ token_file: "/nonexistent/token" });
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(401);
    expect(state().troubles).toMatchObject([{ code: "token-refused", text: expect.stringContaining("ENOENT") }]);
  });

  it("is made known to whoever cleans the log, and is in no answer", async () => {
    const { ask, remembered, log, state } = await withToken();
    expect(remembered.map((secret) => secret.reveal())).toEqual([TOKEN]);
    const bodies = ["/metrics", "/api/status", "/healthz", "/nonsense"].map(async (path) => {
      const reply = await ask(path, `Bearer ${TOKEN}`);
      return `${JSON.stringify([...reply.headers])}${await reply.text()}`;
    });
    expect((await Promise.all(bodies)).join() + log.lines.join() + JSON.stringify(state())).not.toContain(TOKEN);
  });
});

describe("the local socket", () => {
  const askLocally = (root: string, path: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      get({ socketPath: join(root, "run/spacegate/agent.sock"), path, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).on("error", reject);
    });

  it("answers root without certificate and token, and nobody else", async () => {
    const { root } = await opened({ tls: { client_certificates: "required" }, token_file: "/nonexistent/token" });
    expect(await askLocally(root, "/api/status")).toBe(200);
    expect((await stat(join(root, "run/spacegate/agent.sock"))).mode & 0o777).toBe(0o600);
  });

  it("takes the place of one that a killed agent left", async () => {
    const root = await temporaryDirectory();
    await mkdir(join(root, "run/spacegate"), { recursive: true });
    const leave = `require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
    const path = join(root, "run/spacegate/agent.sock");
    await promisify(execFile)(process.execPath, ["-e", leave, path]).catch(() => undefined);
    await expect(askLocally(root, "/livez")).rejects.toThrow(/ECONNREFUSED/);
    await opened({}, { root });
    expect(await askLocally(root, "/livez")).toBe(200);
  });

  it("that cannot be had is told, and the port is served all the same", async () => {
    const root = await temporaryDirectory();
    await writeFile(join(root, "run"), "in the way");
    const { port, log } = await opened({}, { root });
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
    expect(log.lines.join()).toMatch(/warn .*socket.*(ENOTDIR|EEXIST)/);
  });

  it("is gone when the agent ends", async () => {
    const { root, listener } = await opened();
    await listener.close();
    await expect(stat(join(root, "run/spacegate/agent.sock"))).rejects.toThrow(/ENOENT/);
  });
});

describe("secrets", () => {
  it("of the server are in no answer, log or state", async () => {
    const { port, authority, log, state, ca } = await opened({ tls: {} });
    const reply = await getHttps(port, "/api/status", { ca: await authority() });
    const metrics = await getHttps(port, "/metrics", { ca: await authority() });
    const said = JSON.stringify([reply.headers, reply.body, metrics.body, log.lines, state()]);
    const { authority: own, server } = await ca.look();
    for (const identity of [own, server]) {
      const line = identity?.key.reveal().split("\n")[3] ?? "";
      expect(line.length).toBeGreaterThan(60);
      expect(said).not.toContain(line);
    }
    expect(said).not.toContain("PRIVATE");
    expect(await readFile(ca.publicPath, "utf8")).not.toContain("PRIVATE");
  });
});
