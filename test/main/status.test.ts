import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { LOCAL_SOCKET_PATH } from "../../agent/model/paths.ts";
import { connName } from "../../agent/plan/naming.ts";
import { connectionStatus, gatewayStatus, tunnelStatus, WARNING } from "../expose/support.ts";
import { FakeCharon } from "../vici/fake-charon.ts";
import { responseOf } from "../vici/golden.ts";
import { below, gateway, MAIN, PSKS, spacegate, TOKEN, wire } from "./support.ts";

const OK = gatewayStatus({
  status: "ok",
  warnings: [],
  connections: [connectionStatus({ status: "ok", tunnels: [tunnelStatus(1), tunnelStatus(2)] })],
});

const CLOSED_PORT = 9;

/** An agent that answers /api/status with whatever `said.status` is at that moment. */
const agent = async (status: object = OK) => {
  const said = { status };
  const server = createServer((_request, response) => response.end(JSON.stringify(said.status)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const { port } = server.address() as AddressInfo;
  return { said, host: await gateway(wire(), { listen: { port } }) };
};

describe("status of a running agent", () => {
  it("is 0 when all is well, and one screen", async () => {
    const { host } = await agent();
    const { exitCode, stdout } = await spacegate(["status", ...below(host)]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\+ ok {2}spacegate 0\.1\.0/);
    expect(stdout.split("\n").every((line) => line.length <= 80)).toBe(true);
  });

  it.each([
    ["it is degraded", { status: "degraded" }],
    ["there is a warning", { warnings: [WARNING] }],
  ])("is 1 when %s", async (_what, changes) => {
    const { host } = await agent({ ...OK, ...changes });
    expect((await spacegate(["status", ...below(host)])).exitCode).toBe(1);
  });

  it("as JSON is the whole status", async () => {
    const { host } = await agent();
    expect(JSON.parse((await spacegate(["status", "--json", ...below(host)])).stdout)).toEqual(JSON.parse(JSON.stringify(OK)));
  });

  it("of one connection leaves out the others and their warnings, and counts neither", async () => {
    const other = connectionStatus({ space: "other", status: "down" });
    const { host } = await agent({
      ...OK,
      status: "degraded",
      connections: [...OK.connections, other],
      warnings: [{ ...WARNING, connection: "other/office" }],
    });
    const { exitCode, stdout } = await spacegate(["status", "--json", "--connection", "acme-space/office", ...below(host)]);
    expect([exitCode, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ status: "ok", warnings: [] })]);
    expect(JSON.parse(stdout).connections).toHaveLength(1);
  });

  it("of an unknown connection is 1, and names those that there are", async () => {
    const { host } = await agent();
    const { exitCode, stderr } = await spacegate(["status", "--connection", "acme-space/nowhere", ...below(host)]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/no connection acme-space\/nowhere in.*acme-space\/office.*CONNECTION_UNKNOWN/s);
  });
});

describe("status with settings that are broken", () => {
  const breakSettings = async (host: Awaited<ReturnType<typeof gateway>>) => writeFile(host.config, "connections: 7\n");

  it("still asks the agent, which goes on with the earlier ones", async () => {
    const { host } = await agent();
    await mkdir(join(host.root, "run/spacegate"), { recursive: true });
    const server = createServer((_request, response) => response.end(JSON.stringify(OK)));
    await new Promise<void>((resolve) => server.listen(join(host.root, LOCAL_SOCKET_PATH), resolve));
    onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
    await breakSettings(host);
    const { exitCode, stdout } = await spacegate(["status", ...below(host)]);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^\+ ok/)]);
  });

  it("and without the agent is 3, and says what is wrong with them", async () => {
    const { host } = await agent();
    await breakSettings(host);
    const { exitCode, stderr } = await spacegate(["status", ...below(host)]);
    expect([exitCode, stderr]).toEqual([3, expect.stringMatching(/config\.yaml.*connections/s)]);
  });
});

describe("status without the agent", () => {
  const stopped = () => gateway(wire(), { listen: { port: CLOSED_PORT } });

  const charonBelow = async (root: string) => {
    await mkdir(join(root, "run"), { recursive: true });
    const charon = new FakeCharon(join(root, "run/charon.vici"));
    const conn = connName({ space: "acme-space", name: "office" }, 1);
    const child = { name: conn, uniqueid: "1", state: "INSTALLED", "bytes-in": "1500", "bytes-out": "2500" };
    const sa = { uniqueid: "1", version: "1", state: "ESTABLISHED", "remote-host": "34.203.187.158", established: "90" };
    charon.on("version", responseOf("version"));
    charon.on("list-sas", (_message, connection) => {
      connection.event("list-sa", { [conn]: { ...sa, "child-sas": { [`${conn}-1`]: child } } });
      return {};
    });
    charon.on("list-conns", () => ({}));
    await charon.start();
    onTestFinished(() => charon.stop());
  };

  it("is 1, says so, and asks charon itself", async () => {
    const host = await stopped();
    await charonBelow(host.root);
    const { exitCode, stdout } = await spacegate(["status", ...below(host)]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/no agent answers.*systemctl start spacegate/s);
    expect(stdout).toMatch(/34\.203\.187\.158 +\? installed +1m 30s .*1\.5 kB +2\.5 kB\n +IKE ESTABLISHED, child INSTALLED/);
  });

  it("has the addresses of the last good copy when charon is dead too, and never its PSKs", async () => {
    const host = await stopped();
    await spacegate(["once", ...below(host)]);
    const { exitCode, stdout } = await spacegate(["status", ...below(host)]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/charon does not answer either/);
    expect(stdout).toMatch(/34\.203\.187\.158 +x down.*34\.227\.70\.143 +x down/s);
    const { status, charon } = JSON.parse((await spacegate(["status", "--json", ...below(host)])).stdout);
    expect([status, charon.running]).toEqual(["not-running", false]);
  });
});

describe("status --watch", () => {
  const start = (host: Awaited<ReturnType<typeof gateway>>, ...args: string[]) => {
    const argv = [process.execPath, MAIN, "status", "--watch", ...below(host), ...args];
    return { argv, env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent", TERM: "xterm" } };
  };

  it("into a pipe prints a block for each change, and ends with the last state's code", async () => {
    const { said, host } = await agent();
    const { argv, env } = start(host);
    const child = execa(argv[0] ?? "", argv.slice(1), { reject: false, extendEnv: false, env, timeout: 40_000 });
    let out = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    await vi.waitFor(() => expect(out.includes("+ ok")).toBe(true), 20_000);
    said.status = { ...OK, status: "degraded", warnings: [WARNING] };
    await vi.waitFor(() => expect(out.includes("! degraded")).toBe(true), 20_000);
    child.kill("SIGINT");
    const { exitCode, stdout, stderr } = await child;
    expect([exitCode, stderr]).toEqual([1, ""]);
    expect(stdout.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/gm)).toHaveLength(2);
    expect(stdout).not.toContain("\x1b");
  });

  it("on a terminal updates in place, and gives the screen and the cursor back at Ctrl-C", async () => {
    const { said, host } = await agent();
    const { argv, env } = start(host);
    const child = execa("script", ["-qefc", `exec ${argv.map((word) => `'${word}'`).join(" ")}`, "/dev/null"], {
      reject: false,
      extendEnv: false,
      env,
      stdin: "pipe",
      timeout: 40_000,
    });
    let out = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    await vi.waitFor(() => expect(out.includes("\x1b[J")).toBe(true), 20_000);
    said.status = { ...OK, version: "0.1.1" };
    await vi.waitFor(() => expect(out.includes("0.1.1")).toBe(true), 20_000);
    child.stdin.write("\x03");
    const { exitCode, stdout } = await child;
    expect(exitCode).toBe(0);
    expect(stdout).toContain("\x1b[?1049h\x1b[?25l\x1b[H");
    expect(stdout.split("\x1b[?1049h")).toHaveLength(2);
    expect(stdout.split("\x1b[?25h\x1b[?1049l")).toHaveLength(2);
    expect(stdout).toContain("\x1b[32m+ ok");
    for (const secret of [...PSKS, TOKEN]) expect(stdout).not.toContain(secret);
  });

  it("ends when the reader goes away", async () => {
    const { said, host } = await agent();
    const { argv, env } = start(host, "--json");
    const child = execa("sh", ["-c", `"$@" | head -n 1`, "sh", ...argv], {
      reject: false,
      extendEnv: false,
      env,
      timeout: 40_000,
    });
    setTimeout(() => {
      said.status = { ...OK, status: "degraded" };
    }, 2500);
    const { exitCode, stderr, timedOut } = await child;
    expect([exitCode, stderr, timedOut]).toEqual([0, "", false]);
  });
});
