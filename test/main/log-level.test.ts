import { readFile, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { execa } from "execa";
import { expect, it, onTestFinished, vi } from "vitest";
import { below, gateway, MAIN, PSKS, TOKEN, wire } from "./support.ts";

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

/** The daemon below a directory, where it looks every second. */
const daemon = async () => {
  const host = await gateway(wire(), { listen: { port: await freePort() }, reconcile_interval: "1s" });
  const child = execa(process.execPath, [MAIN, "run", ...below(host)], {
    reject: false,
    extendEnv: false,
    env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent", HEROKU_API_KEY: TOKEN },
    timeout: 50_000,
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const said = { text: "" };
  child.stderr.on("data", (chunk) => {
    said.text += chunk;
  });
  const until = (words: string) => vi.waitFor(() => expect(said.text).toContain(words), { timeout: 20_000, interval: 20 });
  await until("serving");
  return { host, child, said, until };
};

const ofLevel = (text: string, level: string): string[] => text.split("\n").filter((line) => line.includes(`"level":"${level}"`));

it("SIGUSR1 lets a running agent tell more, and less again, without a secret", async () => {
  const { child, said, until } = await daemon();
  expect(ofLevel(said.text, "debug")).toEqual([]);
  child.kill("SIGUSR1");
  await until("the log level is debug");
  await until("a pass found nothing to do");
  child.kill("SIGUSR1");
  await until("the log level is info");
  const quiet = ofLevel(said.text, "debug").length;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(ofLevel(said.text, "debug")).toHaveLength(quiet);
  child.kill("SIGTERM");
  const { exitCode, all } = await child.then((result) => ({ ...result, all: `${result.stdout}\n${result.stderr}` }));
  expect(exitCode).toBe(0);
  expect(all).not.toMatch(/[Dd]ebugger|inspector/);
  for (const secret of [...PSKS, TOKEN])
    for (const form of [secret, Buffer.from(secret).toString("base64")]) expect(all).not.toContain(form);
});

it("the settings change it while the agent runs", async () => {
  const { host, child, until } = await daemon();
  await writeFile(host.config, `${await readFile(host.config, "utf8")}log: { level: debug }\n`);
  await until("a pass found nothing to do");
  child.kill("SIGTERM");
  expect((await child).exitCode).toBe(0);
});
