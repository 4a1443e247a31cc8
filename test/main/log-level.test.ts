import { readFile, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { freePort } from "../expose/listener-support.ts";
import { daemon, gateway, PSKS, TOKEN, wire } from "./support.ts";

/** The daemon below a directory, where it looks every second. */
const started = async () => {
  const host = await gateway(wire(), { listen: { port: await freePort() }, reconcile_interval: "1s" });
  const agent = daemon(host);
  await agent.until("serving");
  return { host, ...agent };
};

const ofLevel = (text: string, level: string): string[] => text.split("\n").filter((line) => line.includes(`"level":"${level}"`));

it("SIGUSR1 lets a running agent tell more, and less again, without a secret", async () => {
  const { child, said, until } = await started();
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
  const { host, child, until } = await started();
  await writeFile(host.config, `${await readFile(host.config, "utf8")}log: { level: debug }\n`);
  await until("a pass found nothing to do");
  child.kill("SIGTERM");
  expect((await child).exitCode).toBe(0);
});
