import { once } from "node:events";
import type { RequestListener } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { plainServer } from "../../agent/expose/transport.ts";

const ASK = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

const connected = async (answer: RequestListener): Promise<{ client: Socket; served: Socket }> => {
  const server = plainServer().on("request", answer).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1").setEncoding("utf8");
  onTestFinished(() => void client.destroy());
  const [served] = (await once(server, "connection")) as [Socket];
  return { client, served };
};

describe("a client on one connection", () => {
  it("is let go when it takes nothing of its answer for five seconds", { timeout: 15_000 }, async () => {
    const { client, served } = await connected((_request, reply) => reply.end(Buffer.alloc(64 * 1024 * 1024)));
    const started = performance.now();
    client.pause().write(ASK);
    await once(served, "close");
    expect(performance.now() - started).toBeGreaterThan(4000);
  });

  it("that asks a thousand times in one breath has a hundred answers", async () => {
    const { client } = await connected((_request, reply) => reply.end("well"));
    let text = "";
    client.on("data", (chunk) => (text += String(chunk)));
    client.write(ASK.repeat(1000));
    const count = (status: number): number => text.split(`HTTP/1.1 ${status} `).length - 1;
    await vi.waitFor(() => expect(count(200) + count(503)).toBe(1000));
    expect(count(200)).toBe(100);
  });
});
