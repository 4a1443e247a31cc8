import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { askStatus } from "../../agent/loop/ask.ts";
import { listenSettings } from "../expose/app.ts";
import { freePort, opened } from "../expose/listener-support.ts";
import { failureOf, temporaryDirectory } from "../lib/support.ts";

describe("the agent is asked", () => {
  it.each([
    ["as it is", {}],
    ["with TLS", { tls: {} }],
    ["with client certificates that nobody has", { tls: { client_certificates: "required" } }],
    ["with an owner's certificate that cannot be used", { tls: { certificate: "/nonexistent/c", key: "/nonexistent/k" } }],
    ["with a token", { token_file: "/nonexistent/token" }],
  ])("over its socket, %s", async (_what, keys) => {
    const { root, port } = await opened(keys);
    expect((await askStatus(listenSettings({ ...keys, port }), root)).version).toBe("0.1.0");
  });

  it("over plain HTTP where its socket cannot be used", async () => {
    const { port } = await opened();
    expect((await askStatus(listenSettings({ port }), await temporaryDirectory())).status).toBe("degraded");
  });

  it("over loopback when it listens everywhere", async () => {
    const keys = { address: "0.0.0.0", plain_http: true };
    const { port } = await opened(keys);
    expect((await askStatus(listenSettings({ ...keys, port }), await temporaryDirectory())).status).toBe("degraded");
  });
});

describe("an agent that does not answer", () => {
  it("is told as one that does not run", async () => {
    const port = await freePort();
    const error = await failureOf(async () => askStatus(listenSettings({ port }), await temporaryDirectory()));
    expect([error.code, error.message]).toEqual(["NOT_RUNNING", expect.stringContaining(`http://127.0.0.1:${port}`)]);
    expect(error.fix).toContain("systemctl start spacegate");
  });

  it.each([{ tls: {} }, { token_file: "/etc/spacegate/token" }])("is asked over its socket only with %j", async (keys) => {
    const root = await temporaryDirectory();
    const error = await failureOf(() => askStatus(listenSettings(keys), root));
    expect([error.code, error.message]).toEqual(["NOT_RUNNING", expect.stringContaining(`${root}/run/spacegate/agent.sock`)]);
  });

  it.each([
    ["another program", "<html></html>", 200, /JSON/],
    ["another program that speaks JSON", '{"status":"ok","connections":3}', 200, /something else/],
    ["a refusal", "{}", 503, /it answered 503/],
  ])("because %s has the port", async (_what, body, code, words) => {
    const server = createServer((_request, response) => response.writeHead(code).end(body)).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const error = await failureOf(async () => askStatus(listenSettings({ port }), await temporaryDirectory()));
    expect([error.code, error.message]).toEqual(["NOT_RUNNING", expect.stringMatching(words)]);
  });
});
