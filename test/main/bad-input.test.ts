import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it, onTestFinished } from "vitest";
import { type StandInState, startPlatformApi } from "../lab/stand-in/platform-api.ts";
import { below, FIRST, type Gateway, gateway, MAIN, PSKS, SECOND, snapshotOf, spacegate, TOKEN, wire } from "./support.ts";

const NEWLINE_PSK = 'abcdef\n: PSK "injected"';

/** What strongSwan reads; the agent's own memory below /var may differ, and holds no details. */
const hostFiles = (host: Gateway): Promise<string> => snapshotOf(join(host.root, "etc"));

/** Both commands refuse, change nothing on the host, and say something like `words` and a fix. */
const expectRefusal = async (host: Gateway, words: RegExp, env: Record<string, string> = {}, secrets = [...PSKS, TOKEN]) => {
  const before = await hostFiles(host);
  const refuse = async (command: string): Promise<void> => {
    const { exitCode, all } = await spacegate([command, ...below(host)], env, secrets);
    expect([command, exitCode]).toEqual([command, 1]);
    expect(all).toMatch(words);
  };
  await Promise.all([refuse("plan"), refuse("once")]);
  expect(await hostFiles(host)).toBe(before);
};

describe("details that must not be believed", () => {
  it.each([
    ["malformed JSON", '{"tunnels": [', /JSON/],
    ["HTML", "<!DOCTYPE html><html></html>", /JSON/],
    ["nothing", "", /empty|JSON/],
    ["no tunnels", wire({ tunnels: [] }), /tunnel/],
    ["two equal addresses", wire({ tunnels: [FIRST, { ...SECOND, ip: FIRST.ip }] }), /tunnels\[1\]\.ip.*same address/],
    [
      "an overlap with the local network",
      wire({ space_cidr_block: "172.16.0.0/12" }),
      /overlaps the space's block 172\.16\.0\.0\/12/,
    ],
    ["a public block", wire({ space_cidr_block: "52.0.0.0/16" }), /52\.0\.0\.0\/16.*RFC 1918/],
    ["a private address of a VPN gateway", wire({ tunnels: [{ ...FIRST, ip: "10.9.9.9" }, SECOND] }), /10\.9\.9\.9.*public/],
    ["a local network that the space does not know", wire({ routable_cidrs: ["192.168.0.0/24"] }), /routable_cidrs/],
  ])("%s", async (_what, details, words) => {
    await expectRefusal(await gateway(details), words);
  });

  it("a PSK with a line break", async () => {
    const host = await gateway(wire({ tunnels: [{ ...FIRST, pre_shared_key: NEWLINE_PSK }, SECOND] }));
    await expectRefusal(host, /pre_shared_key/, {}, [...PSKS.slice(1), NEWLINE_PSK, "injected"]);
  });

  it("an address with shell characters", async () => {
    await expectRefusal(await gateway(wire({ tunnels: [{ ...FIRST, ip: "$(reboot)" }, SECOND] })), /ip/);
  });

  it("a file that is not there", async () => {
    const host = await gateway(undefined, { heroku: { source: "file", file: "/nonexistent/vpn.json" } });
    await expectRefusal(host, /\/nonexistent\/vpn\.json/);
  });
});

describe("Heroku's API", () => {
  const withApi = async (changes: Partial<StandInState>, connection: object = {}) => {
    const state: StandInState = { token: TOKEN, connections: { "acme-space/office": wire() }, ...changes };
    const api = await startPlatformApi({ state });
    onTestFinished(() => api.close());
    const own = { space: "acme-space", name: "office", local: { address: "203.0.113.10", subnets: ["172.16.0.0/16"] } };
    const host = await gateway(undefined, {
      heroku: { source: "platform-api", timeout: "1s" },
      connections: [{ ...own, ...connection }],
    });
    return { host, env: { HEROKU_HOST: api.url, HEROKU_API_KEY: TOKEN } };
  };

  it("that is content gives what a pass needs", async () => {
    const { host, env } = await withApi({});
    expect((await spacegate(["plan", ...below(host)], env)).exitCode).toBe(0);
  });

  it("refuses the token", async () => {
    const { host, env } = await withApi({ token: "another-token-of-the-test" });
    await expectRefusal(host, /token.*heroku authorizations:create/s, env);
  });

  it("gets no token at all", async () => {
    const { host, env } = await withApi({});
    await expectRefusal(host, /there is no Heroku API token.*heroku authorizations:create/s, { HEROKU_HOST: env.HEROKU_HOST });
  });

  it("does not know the space", async () => {
    const { host, env } = await withApi({}, { space: "other-space" });
    await expectRefusal(host, /other-space/, env);
  });

  it.each([
    ["malformed JSON", { kind: "malformed" }, /JSON/],
    ["HTML", { kind: "html" }, /JSON/],
  ] as const)("answers in %s", async (_what, fault, words) => {
    const { host, env } = await withApi({ fault });
    await expectRefusal(host, words, env);
  });
});

describe("a disk that does not take the files", () => {
  const on = async (options: string) => {
    const host = await gateway();
    const script = `
      mount --make-rprivate /
      mount -t tmpfs -o size=8k tmpfs "$1/etc"
      printf 'conn theirs\\n' >"$1/etc/ipsec.conf"
      mount -o remount,${options} "$1/etc"
      shift; "$@" || echo "exit $?"
      cat "\${4}/etc/ipsec.conf" 2>/dev/null || true`;
    const command = [process.execPath, MAIN, "once", ...below(host)];
    const namespaces = process.getuid?.() === 0 ? ["-m"] : ["-rm"];
    const { stdout, stderr } = await execa("unshare", [...namespaces, "sh", "-ec", script, "sh", host.root, ...command], {
      extendEnv: false,
      env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent" },
      timeout: 20_000,
    });
    for (const secret of [...PSKS, TOKEN]) expect(stdout + stderr).not.toContain(secret);
    return { all: stdout + stderr, host };
  };

  it("because it is read-only", async () => {
    const { all, host } = await on("ro");
    expect(all).toMatch(/could not be written: EROFS/);
    expect(all).toContain("mounted read-only: remount it");
    expect(all).toContain("exit 1");
    expect(await readFile(`${host.root}/etc/ipsec.conf`, "utf8")).toBe("conn theirs\n");
  });

  it("because it is full", async () => {
    const { all } = await on("rw,size=4k");
    expect(all).toMatch(/could not be written: ENOSPC|exit 1/);
    expect(all).toContain("The disk is full");
    expect(all).toContain("exit 1");
  });
});
