import type { FastifyInstance } from "fastify";
import { describe, expect, it } from "vitest";
import { allowedHosts } from "../../agent/expose/hosts.ts";
import type { Status } from "../../agent/model/status.ts";
import { appOf, listenSettings } from "./app.ts";
import { AT, connectionStatus, DOWN, gatewayStatus, tunnelStatus } from "./support.ts";

const serverOf = (status: Status | (() => Status) = gatewayStatus(), address = "127.0.0.1"): FastifyInstance =>
  appOf(
    { status: typeof status === "function" ? status : () => status },
    { hosts: allowedHosts(listenSettings({ address, plain_http: true })) },
  );

const ask = (app: FastifyInstance, url: string, more: object = {}) =>
  app.inject({ url, headers: { host: "127.0.0.1:9747" }, ...more });

describe("/livez", () => {
  it("answers whatever the tunnels do", async () => {
    const reply = await ask(serverOf(gatewayStatus({ status: "down", ready: false })), "/livez");
    expect([reply.statusCode, reply.json()]).toEqual([200, { status: "alive" }]);
  });
});

describe("/readyz", () => {
  it.each([
    [true, 200],
    [false, 503],
  ])("a first pass has finished: %j is %d", async (ready, code) => {
    const reply = await ask(serverOf(gatewayStatus({ ready })), "/readyz");
    expect([reply.statusCode, reply.json()]).toEqual([code, { ready }]);
  });
});

describe("/healthz", () => {
  it.each([
    ["ok", 200],
    ["degraded", 200],
    ["down", 503],
    ["starting", 503],
  ] as const)("%s is %d", async (status, code) => {
    const reply = await ask(serverOf(gatewayStatus({ status })), "/healthz");
    expect([reply.statusCode, reply.json().status]).toEqual([code, status]);
  });

  it("has exactly the body that scripts rely on", async () => {
    const at = new Date(AT).toISOString();
    expect((await ask(serverOf(), "/healthz")).json()).toEqual({
      status: "degraded",
      connections: [
        {
          space: "acme-space",
          name: "office",
          status: "degraded",
          carrier: 1,
          tunnels: [
            {
              index: 1,
              address: "34.203.187.158",
              ike: "ESTABLISHED",
              child: "INSTALLED",
              passing: true,
              rtt_ms: 12.5,
              since: at,
              reason: "",
              provider_status: "UP",
            },
            {
              index: 2,
              address: "34.227.70.143",
              ike: "CONNECTING",
              child: "NONE",
              passing: null,
              rtt_ms: null,
              since: at,
              reason: "no-answer-500: no answer",
              provider_status: "",
            },
          ],
        },
      ],
      privatelinks: [
        {
          name: "orders-redis",
          status: "ok",
          service: "com.amazonaws.vpce.us-east-1.vpce-svc-0410a2e25933fe8ec",
          endpoint: "vpce-01c87ae3c05563935",
          endpoint_state: "available",
          heroku_state: "Operational",
          dns: "endpoint",
          tcp: true,
          answered: true,
          rtt_ms: 0.8,
          since: at,
          reason: "",
        },
      ],
      warnings: [
        {
          code: "tunnel-down",
          severity: "warning",
          title: "A tunnel is down",
          text: "Tunnel 2 has no CHILD_SA",
          fix: "Open UDP 500.",
          since: at,
          connection: "acme-space/office",
          tunnel: 2,
        },
      ],
    });
  });

  it("tells of the newest snapshot each time", async () => {
    let status = gatewayStatus({ status: "starting" });
    const app = serverOf(() => status);
    const codes = [(await ask(app, "/healthz")).statusCode];
    status = gatewayStatus({ status: "ok" });
    codes.push((await ask(app, "/healthz")).statusCode);
    expect(codes).toEqual([503, 200]);
  });
});

describe("/api/status and /metrics", () => {
  it("give the whole snapshot", async () => {
    const reply = await ask(serverOf(), "/api/status");
    expect(reply.json()).toEqual(gatewayStatus());
    expect(reply.headers["content-type"]).toBe("application/json; charset=utf-8");
  });

  it("give Prometheus' text", async () => {
    const reply = await ask(serverOf(), "/metrics");
    expect(reply.statusCode).toBe(200);
    expect(reply.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(reply.body).toContain('spacegate_tunnel_child_installed{space="acme-space",connection="office",tunnel="2"} 0');
  });
});

const PATHS = ["/livez", "/readyz", "/healthz", "/metrics", "/api/status"];

describe("every route", () => {
  it.each(PATHS)("%s answers HEAD as GET, without a body", async (path) => {
    const app = serverOf();
    const [get, head] = [await ask(app, path), await ask(app, path, { method: "HEAD" })];
    expect([head.statusCode, head.body, head.headers["content-length"]]).toEqual([
      get.statusCode,
      "",
      get.headers["content-length"],
    ]);
  });

  it.each(PATHS.flatMap((path) => ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"].map((method) => [method, path])))(
    "%s %s is refused",
    async (method, path) => {
      const reply = await ask(serverOf(), path, { method });
      expect([reply.statusCode, reply.headers.allow]).toEqual([405, "GET, HEAD"]);
    },
  );

  it.each([
    ["malformed JSON", "application/json", "{"],
    ["an unknown type", "application/x-nonsense", "x"],
    ["a large body", "text/plain", "x".repeat(100_000)],
  ])("refuses %s before it reads it", async (_what, type, payload) => {
    const reply = await ask(serverOf(), "/healthz", {
      method: "POST",
      payload,
      headers: { host: "localhost", "content-type": type },
    });
    expect(reply.statusCode).toBe(405);
  });

  it.each([...PATHS, "/", "/nonsense"])("%s forbids caching, sniffing, framing and what is not of its origin", async (path) => {
    expect((await ask(serverOf(), path)).headers).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": expect.stringMatching(/^default-src 'none'; script-src 'self'; style-src 'self';(?!.*unsafe)/),
      "cross-origin-resource-policy": "same-origin",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
    });
  });
});

describe("an unknown path", () => {
  it.each(["/nonsense", "/healthz/../etc/passwd", "//livez", "/healthz/", "/%2e%2e/etc/passwd"])("%s is 404", async (path) => {
    const reply = await ask(serverOf(), path);
    expect(reply.statusCode).toBe(404);
    expect(reply.json().error).toContain("/healthz");
  });
});

describe("the Host header", () => {
  const codeFor = async (host: string, address = "127.0.0.1"): Promise<number> =>
    (await serverOf(gatewayStatus(), address).inject({ url: "/livez", headers: { host } })).statusCode;

  it.each(["localhost", "localhost:9747", "127.0.0.1", "127.0.0.1:9747", "[::1]:9747"])(
    "%s is served on loopback",
    async (host) => {
      expect(await codeFor(host)).toBe(200);
    },
  );

  it("of the address itself is served", async () => {
    expect(await codeFor("127.0.0.2:9747", "127.0.0.2")).toBe(200);
  });

  it.each(["attacker.example", "localhost.attacker.example", "127.0.0.1.attacker.example:9747", "10.0.0.1"])(
    "%j is refused on loopback, whatever is asked for",
    async (host) => {
      expect(await codeFor(host)).toBe(421);
    },
  );

  it("may be anything where the owner chose to listen for others", async () => {
    expect(await codeFor("gateway.acme.example:9747", "10.1.2.3")).toBe(200);
  });
});

it("answers about a gateway that knows nothing yet", async () => {
  const tunnels = [tunnelStatus(1, DOWN), tunnelStatus(2, DOWN)];
  const connections = [
    connectionStatus({ status: "waiting", routing: null, carrier: null, tunnels: [] }),
    connectionStatus({ tunnels }),
  ];
  const app = serverOf(
    gatewayStatus({ status: "starting", ready: false, connections, charon: { running: false, version: "", via: "none" } }),
  );
  expect(await Promise.all(PATHS.map(async (path) => (await ask(app, path)).statusCode))).toEqual([200, 503, 503, 200, 200]);
});
