import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { LAST_GOOD_SETTINGS_PATH } from "../../agent/settings/last-good.ts";
import { freePort } from "../expose/listener-support.ts";
import { below, daemon, type Gateway, gateway, spacegate, wire } from "./support.ts";

const BROKEN = "connections: [{ space: acme-space,\n";

const start = (host: Gateway) => {
  const { child, until } = daemon(host);
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    expect((await child).exitCode).toBe(0);
  };
  return { until, stop };
};

/** A gateway whose agent has run once, and whose settings somebody has broken since. */
const brokenSince = async (): Promise<Gateway> => {
  const host = await gateway(wire(), { listen: { port: await freePort() } });
  const agent = start(host);
  await agent.until("serving");
  const copy = join(host.root, LAST_GOOD_SETTINGS_PATH);
  await vi.waitFor(async () => expect((await stat(copy)).mode & 0o777).toBe(0o600), { timeout: 10_000 });
  await agent.stop();
  await writeFile(host.config, BROKEN);
  return host;
};

describe("spacegate run with a settings file that somebody has broken", () => {
  it("goes on with the last good text, says why, and takes the file once it is right", async () => {
    const host = await brokenSince();
    const good = (await readFile(join(host.root, LAST_GOOD_SETTINGS_PATH), "utf8")).split("\n").slice(1).join("\n");
    await rm(join(host.root, "etc/ipsec.conf"));
    const agent = start(host);
    await agent.until("starting with the last good settings");
    await agent.until(`${host.config}:2:`);
    await vi.waitFor(async () => expect(await readFile(join(host.root, "etc/ipsec.conf"), "utf8")).toContain("acme-space"), {
      timeout: 20_000,
    });
    await writeFile(host.config, good);
    await agent.until("the settings are in force");
    await agent.stop();
  });

  it.each(["once", "plan"])("is not what %s does: it ends with 3", async (command) => {
    const { exitCode, all } = await spacegate([command, ...below(await brokenSince())]);
    expect([exitCode, all]).toEqual([3, expect.stringContaining("SETTINGS_INVALID")]);
  });

  it("ends with 3 when the file is gone, whatever was kept", async () => {
    const host = await brokenSince();
    await rm(host.config);
    expect((await spacegate(["run", ...below(host)])).exitCode).toBe(3);
  });

  it("ends with 3 when there never was a good one", async () => {
    const host = await gateway();
    await writeFile(host.config, BROKEN);
    expect((await spacegate(["run", ...below(host)])).exitCode).toBe(3);
  });
});
