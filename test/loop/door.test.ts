import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { WARNINGS } from "../../agent/health/warnings.ts";
import type { SpacegateError } from "../../agent/lib/errors.ts";
import { Door } from "../../agent/loop/door.ts";
import type { ListenerState } from "../../agent/model/status.ts";
import { listenSettings } from "../expose/app.ts";
import { freePort } from "../expose/listener-support.ts";
import { gatewayStatus } from "../expose/support.ts";
import { ShiftedClock } from "../lib/pki-support.ts";
import { failureOf, logLines, temporaryDirectory } from "../lib/support.ts";

const setUp = async () => {
  const [root, log] = [await temporaryDirectory(), logLines()];
  const states: ListenerState[] = [];
  const refused: SpacegateError[] = [];
  const door = new Door({
    ...{ root, log, clock: new ShiftedClock() },
    told: { status: () => gatewayStatus(), declared: WARNINGS },
    remember: () => undefined,
    watch: async () => ({ close: async () => undefined }),
    onState: (state) => void states.push(state),
    onRefused: (error) => void refused.push(error),
  });
  onTestFinished(() => door.close());
  return { door, root, log, states, refused };
};

const codeOn = (port: number): Promise<number> =>
  fetch(`http://127.0.0.1:${port}/livez`).then(
    ({ status }) => status,
    () => 0,
  );

const takenPort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return (server.address() as { port: number }).port;
};

describe("the HTTP server", () => {
  it("follows the settings to another port, and leaves the old one", async () => {
    const { door, log } = await setUp();
    const [one, two] = [await freePort(), await freePort()];
    await door.open(listenSettings({ port: one }));
    await door.use(listenSettings({ port: two }));
    expect([await codeOn(one), await codeOn(two)]).toEqual([0, 200]);
    expect(log.lines.filter((line) => line.includes("serving"))).toHaveLength(2);
  });

  it("is left alone when nothing about it changes", async () => {
    const { door, log } = await setUp();
    const listen = listenSettings({ port: await freePort() });
    await door.open(listen);
    await door.use(structuredClone(listen));
    expect(log.lines.filter((line) => line.includes("serving"))).toHaveLength(1);
  });

  it("turns to TLS on the same port when the settings say so", async () => {
    const { door, states, root } = await setUp();
    const port = await freePort();
    await door.open(listenSettings({ port }));
    await door.use(listenSettings({ port, tls: {} }));
    expect(await codeOn(port)).toBe(0);
    expect(states.map(({ status }) => status.tls)).toEqual([false, true]);
    await expect(stat(join(root, "var/lib/spacegate/tls/authority.crt"))).resolves.toBeDefined();
  });

  it("stays as it was when the settings ask for a port that somebody has", async () => {
    const { door, refused } = await setUp();
    const port = await freePort();
    await door.open(listenSettings({ port }));
    await door.use(listenSettings({ port: await takenPort() }));
    expect(refused.map(({ code }) => code)).toEqual(["LISTEN_FAILED"]);
    expect(await codeOn(port)).toBe(200);
    await door.use(listenSettings({ port }));
    expect(refused).toHaveLength(1);
  });

  it("cannot begin on a port that somebody has", async () => {
    const { door } = await setUp();
    const port = await takenPort();
    expect((await failureOf(() => door.open(listenSettings({ port })))).code).toBe("LISTEN_FAILED");
  });

  it("answers nobody once it is closed", async () => {
    const { door } = await setUp();
    const port = await freePort();
    await door.open(listenSettings({ port }));
    await door.close();
    expect(await codeOn(port)).toBe(0);
  });
});
