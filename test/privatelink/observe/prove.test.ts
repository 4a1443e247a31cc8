import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../agent/lib/clock.ts";
import { Secret } from "../../../agent/lib/secret.ts";
import { resolverOf } from "../../../agent/privatelink/observe/dns.ts";
import { prove } from "../../../agent/privatelink/observe/prove.ts";
import { serveKafka } from "./fake-kafka.ts";
import { proveOn, STEP_MS, saying, target } from "./proving.ts";
import {
  freePort,
  HOST,
  makeIdentity,
  nameServer,
  opensslServer,
  plainServer,
  postgresServer,
  redisServer,
  tlsServer,
  validFor,
} from "./servers.ts";

const PASSWORD = "pa55-of-the-test";

/** Sockets of this process that are still open. */
const openSockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind.startsWith("TCPSocket")).length;

describe("a proof against a real redis-server with TLS", () => {
  it("pings, and reads the round trip and the certificate's expiry", async () => {
    const validity = validFor(12);
    const proof = await proveOn(await redisServer(await makeIdentity(validity)), "redis");
    expect(proof).toMatchObject({ dns: "endpoint", tcp: true, hello: true, said: "Redis answers PONG", trouble: null });
    expect(proof.rttMs).toBeGreaterThan(0);
    expect(proof.certificateExpiresAt).toBe(Math.floor(validity.until / 1000) * 1000);
  });

  it("takes the question for a password for a sign of life", async () => {
    const proof = await proveOn(await redisServer(await makeIdentity(), "--requirepass", PASSWORD), "redis");
    expect(proof).toMatchObject({ hello: true, said: "Redis answers and asks for a password", trouble: null });
  });

  it("signs in with the password of the link's URL, as the default user or as another", async () => {
    const port = await redisServer(await makeIdentity(), "--requirepass", PASSWORD);
    for (const user of ["", "default"]) {
      const proof = await proveOn(port, "redis", { login: { user, password: new Secret(PASSWORD) } });
      expect(proof.said).toBe("Redis answers PONG");
    }
  });

  it("says that a wrong password is refused, although the link carries, and never says which", async () => {
    const port = await redisServer(await makeIdentity(), "--requirepass", PASSWORD);
    const proof = await proveOn(port, "redis", { login: { user: "default", password: new Secret("another-secret") } });
    expect(proof).toMatchObject({ hello: true, trouble: null });
    expect(proof.said).toContain("refuses the password: WRONGPASS");
    expect(JSON.stringify(proof)).not.toContain("another-secret");
  });

  it("tells that TLS is not spoken where Redis listens without", async () => {
    const plain = await freePort();
    await redisServer(await makeIdentity(), "--tls-port", "0", "--port", `${plain}`);
    const proof = await proveOn(plain, "redis", {}, STEP_MS);
    expect(proof).toMatchObject({ tcp: true, hello: false, certificateExpiresAt: null });
    expect(proof.trouble?.text).toMatch(/ended it during the TLS handshake|did not finish its answer/);
  });

  it("reads the expiry of a certificate that is over, and goes on", async () => {
    const validity = { from: Date.now() - 2 * 86_400_000, until: Date.now() - 86_400_000 };
    const proof = await proveOn(await redisServer(await makeIdentity(validity)), "redis");
    expect(proof.hello).toBe(true);
    expect(proof.certificateExpiresAt).toBeLessThan(Date.now());
  });
});

describe("a proof against a real Postgres", () => {
  it("goes as far as the question for a password, over TLS", async () => {
    const validity = validFor(9);
    const proof = await proveOn(await postgresServer(await makeIdentity(validity)), "postgres");
    expect(proof).toMatchObject({ hello: true, said: "Postgres answers and asks for a password (SCRAM)", trouble: null });
    expect(proof.certificateExpiresAt).toBe(Math.floor(validity.until / 1000) * 1000);
  });

  it("says when the server has no TLS", async () => {
    const proof = await proveOn(await postgresServer(), "postgres");
    expect(proof).toMatchObject({ hello: true, certificateExpiresAt: null });
    expect(proof.said).toBe("Postgres answers and asks for a password (SCRAM), without TLS");
  });
});

describe("a proof of the other protocols", () => {
  it("takes any HTTP status over TLS", async () => {
    const asked: string[] = [];
    const port = await tlsServer(await makeIdentity(), (socket) =>
      socket.once("data", (text) => {
        asked.push(String(text));
        socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
      }),
    );
    expect(await proveOn(port, "https")).toMatchObject({ hello: true, said: "HTTPS answers 403", trouble: null });
    expect(asked.join("")).toBe(
      "HEAD / HTTP/1.1\r\nHost: vpce-1.data.example\r\nUser-Agent: spacegate\r\nConnection: close\r\n\r\n",
    );
  });

  it("asks a Kafka broker for its ApiVersions over TLS", async () => {
    const asked: string[] = [];
    const port = await tlsServer(await makeIdentity(), (socket) => serveKafka(socket, (what) => asked.push(what)));
    expect(await proveOn(port, "kafka")).toMatchObject({ hello: true, said: "Kafka answers ApiVersions", trouble: null });
    expect(asked).toEqual(["ApiVersions 0"]);
  });

  it("takes OpenSSL's question for a client's certificate for a sign of life", async () => {
    const port = await opensslServer(await makeIdentity(), "-tls1_3", "-Verify", "1", "-verify_return_error");
    const proof = await proveOn(port, "kafka");
    expect(proof).toMatchObject({
      hello: true,
      said: "The far end speaks TLS and asks for a client's certificate",
      trouble: null,
    });
  });

  it("is content with a connection where nothing more is known", async () => {
    const port = await plainServer(() => {});
    expect(await proveOn(port, "tcp")).toMatchObject({ tcp: true, hello: true, said: "TCP connections are taken" });
  });
});

describe("a proof of a far end that misbehaves", () => {
  const secured = async (onSocket: (socket: Socket) => void) => tlsServer(await makeIdentity(), onSocket);

  it("tells a refused connection from one that nobody answers", async () => {
    const refused = await proveOn(await freePort(), "redis");
    expect(refused).toMatchObject({ tcp: false, hello: null, rttMs: null, silent: [HOST] });
    expect(refused.trouble?.text).toMatch(/refuses the connection\.$/);
    expect(refused.trouble?.fix).toContain("healthy target");
  });

  it.each(["redis", "postgres", "kafka", "https"] as const)(
    "gives up on %s when nothing comes after the connection",
    async (protocol) => {
      const started = performance.now();
      const proof = await proveOn(await plainServer(() => {}), protocol, {}, STEP_MS);
      expect(proof).toMatchObject({ tcp: true, hello: false });
      expect(proof.trouble?.text).toContain("did not finish its answer within 0.4 s");
      expect(performance.now() - started).toBeLessThan(3 * STEP_MS);
    },
  );

  it.each(["redis", "kafka", "https"] as const)("gives up on %s when nothing comes after TLS", async (protocol) => {
    const proof = await proveOn(await secured(() => {}), protocol, {}, STEP_MS);
    expect(proof.trouble?.text).toContain("did not finish its answer");
    expect(proof.certificateExpiresAt).not.toBeNull();
  });

  it("gives up on an answer that drips", async () => {
    const port = await secured((socket) => {
      const timer = setInterval(() => socket.write("+"), 50);
      socket.once("close", () => clearInterval(timer));
    });
    const started = performance.now();
    const proof = await proveOn(port, "redis", {}, STEP_MS);
    expect(proof.hello).toBe(false);
    expect(performance.now() - started).toBeLessThan(3 * STEP_MS);
  });

  it.each([
    ["redis", "What answers is not Redis."],
    ["kafka", "What answers is not Kafka."],
    ["https", "What answers is not HTTP."],
  ] as const)("calls garbage by its name (%s)", async (protocol, words) => {
    const port = await secured((socket) => socket.once("data", () => socket.write("GARBAGE and more of it\r\n")));
    expect((await proveOn(port, protocol)).trouble?.text).toBe(words);
  });

  it("calls garbage by its name (postgres), and takes nothing before TLS that was not asked for", async () => {
    for (const text of ["HTTP/1.1 400 Bad Request\r\n\r\n", "SE", ""]) {
      const port = await plainServer((socket) => socket.once("data", () => socket.end(text)));
      const proof = await proveOn(port, "postgres");
      expect(proof.hello).toBe(false);
      expect(proof.trouble?.text).toMatch(text === "" ? /ended the connection/ : /is not Postgres/);
    }
  });

  it("stops reading an answer without an end", async () => {
    const port = await secured((socket) => socket.once("data", () => socket.write(`+${"a".repeat(4_000_000)}`)));
    expect((await proveOn(port, "redis")).trouble?.text).toMatch(/is not Redis|16 KiB and more/);
  });

  it("tells a TLS alert in OpenSSL's words", async () => {
    const port = await tlsServer(await makeIdentity(), () => {}, {
      maxVersion: "TLSv1.1",
      minVersion: "TLSv1",
      ciphers: "ALL:@SECLEVEL=0",
    });
    expect((await proveOn(port, "redis")).trouble?.text).toMatch(/^TLS cannot be agreed upon: .*(version|protocol)/);
  });

  it.each(["redis", "postgres", "https"] as const)("survives a reset in the middle (%s)", async (protocol) => {
    const port = await plainServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
    expect(await proveOn(port, protocol)).toMatchObject({ tcp: true, hello: false });
  });

  it("survives a far end that closes its half only", async () => {
    const port = await plainServer((socket) => socket.end());
    expect(await proveOn(port, "redis", {}, STEP_MS)).toMatchObject({ tcp: true, hello: false });
  });

  it("leaves no socket behind, whatever happened", async () => {
    const before = openSockets();
    const ports = [
      await plainServer((socket) => socket.resetAndDestroy()),
      await freePort(),
      await secured((socket) => socket.end()),
    ];
    await Promise.all(
      ports.flatMap((port) => (["redis", "postgres", "tcp"] as const).map((kind) => proveOn(port, kind, {}, STEP_MS))),
    );
    await delay(50);
    expect(openSockets()).toBeLessThanOrEqual(before);
  });

  it("ends at once when it is aborted", async () => {
    const controller = new AbortController();
    const port = await plainServer(() => setTimeout(() => controller.abort(new Error("enough")), 20));
    const proof = prove(target(port, "redis"), { clock: systemClock, resolve: saying(HOST) }, controller.signal);
    await expect(proof).rejects.toThrow("enough");
  });
});

describe("a proof of a link with several addresses", () => {
  it("names the one that is silent, and proves the link by the other", async () => {
    const port = await redisServer(await makeIdentity());
    const deps = { clock: systemClock, resolve: saying("127.0.0.2", HOST) };
    const proof = await prove(target(port, "redis"), deps, new AbortController().signal);
    expect(proof).toMatchObject({ tcp: true, hello: true, silent: ["127.0.0.2"], trouble: null });
  });
});

describe("a proof of a name, by a real dnsmasq", () => {
  const proveBy = async (servers: string[], more: Parameters<typeof target>[2] = {}, stepMs = 5000) =>
    prove(
      target(await plainServer(() => {}), "tcp", { hostname: "vpce-1.example", ...more }),
      { clock: systemClock, resolve: resolverOf(servers), stepMs },
      new AbortController().signal,
    );

  it("follows it through the endpoint", async () => {
    const server = await nameServer("--address=/vpce-1.example/127.0.0.1");
    expect(await proveBy([server])).toMatchObject({ dns: "endpoint", addresses: [HOST], tcp: true });
  });

  it("stops where it leads over the internet, and connects nowhere", async () => {
    const server = await nameServer("--address=/kinesis.example/203.0.113.7");
    const proof = await proveBy([server], { hostname: "kinesis.example", owner: "service" });
    expect(proof).toMatchObject({ dns: "internet", addresses: ["203.0.113.7"], tcp: null, hello: null });
    expect(proof.trouble?.text).toContain("over the internet and not through the endpoint: private DNS is off");
    expect(proof.trouble?.fix).toContain("private_dns: true");
  });

  it("says that a name has no address", async () => {
    const server = await nameServer("--local=/example/");
    const proof = await proveBy([server]);
    expect(proof).toMatchObject({ dns: "nowhere", addresses: [], tcp: null });
    expect(proof.trouble?.text).toBe("vpce-1.example has no address.");
  });

  it("says that the name server refuses, or keeps silent, within its time", async () => {
    const refusing = await proveBy([await nameServer()]);
    expect(refusing.trouble?.text).toMatch(/do not answer for vpce-1\.example: E(REFUSED|SERVFAIL|NOTFOUND)|has no address/);
    const silent = await import("node:dgram").then(async ({ createSocket }) => {
      const socket = createSocket("udp4");
      await new Promise<void>((resolve) => socket.bind(0, HOST, resolve));
      onTestFinished(() => void socket.close());
      return `${HOST}:${socket.address().port}`;
    });
    const started = performance.now();
    const proof = await proveBy([silent], {}, STEP_MS);
    expect(proof.trouble?.text).toContain("do not answer for vpce-1.example: ETIMEOUT");
    expect(performance.now() - started).toBeLessThan(3 * STEP_MS);
  });
});
