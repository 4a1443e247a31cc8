import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { privateKeyLines } from "../../agent/bundle/known.ts";
import { APART, WRITTEN } from "../bundle/support.ts";
import { below, FIRST, type Gateway, gateway, MAIN, PSKS, spacegate, TOKEN, wire } from "./support.ts";

const OWNERS_PSK = "the-owner's-old-psk-1";
const BEARER = "bearer-token-of-the-test-0123";
const STORED_TOKEN = "HRKU-stored-token-of-the-test";
const KEY_LINE = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
const PRIVATE_KEY = `-----BEGIN PRIVATE KEY-----\n${KEY_LINE}\n-----END PRIVATE KEY-----\n`;

/** Everything that must not leave the host, by a name. */
const SECRETS = [...PSKS, OWNERS_PSK, BEARER, STORED_TOKEN, TOKEN, KEY_LINE];

/** A host that the agent has been on, with a secret in every place where one may lie, and `said` in what the agent keeps. */
const usedHost = async (said = ""): Promise<Gateway> => {
  const host = await gateway();
  const put = async (path: string, text: string) => {
    await mkdir(join(host.root, path, ".."), { recursive: true });
    await writeFile(join(host.root, path), text, { mode: 0o600 });
  };
  await put("etc/ipsec.secrets", `10.0.0.1 10.0.0.2 : PSK "${OWNERS_PSK}"\n`);
  await spacegate(["once", ...below(host)]);
  await put("etc/spacegate/tls.key", PRIVATE_KEY);
  await put("etc/spacegate/http-token", `${BEARER}\n`);
  await put("etc/credstore/heroku-api-key", `${STORED_TOKEN}\n`);
  await put("var/lib/spacegate/events.jsonl", `${JSON.stringify({ at: 1, text: said })}\n`);
  await writeFile(
    host.config,
    `${await readFile(host.config, "utf8")}listen: { token_file: ${host.root}/etc/spacegate/http-token }\n`,
  );
  return host;
};

const bundle = (host: Gateway, ...more: string[]) =>
  spacegate(
    ["bundle", "--out", host.directory, ...below(host), "--without", "check.json", ...more],
    { HEROKU_API_KEY: TOKEN },
    SECRETS,
  );

const bundlesOf = async (host: Gateway): Promise<string[]> =>
  (await readdir(host.directory)).filter((name) => name.endsWith(".tar.gz")).map((name) => join(host.directory, name));

const textOf = async (host: Gateway): Promise<string> =>
  gunzipSync(await readFile((await bundlesOf(host))[0] ?? "")).toString("utf8");

describe("bundle", () => {
  it("writes one file for its owner's eyes and lists what is in it", async () => {
    const host = await usedHost();
    const { exitCode, stdout } = await bundle(host);
    const [path = ""] = await bundlesOf(host);
    expect(exitCode).toBe(0);
    expect(path).toMatch(/\/spacegate-bundle-[^/]+-\d{8}T\d{6}Z\.tar\.gz$/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const { stdout: listed } = await execa("tar", ["-tzf", path]);
    const names = listed.split("\n").map((name) => name.slice(name.indexOf("/") + 1));
    for (const name of names.filter((one) => one !== "CONTENTS.txt")) expect(stdout).toContain(`  ${name}`);
    expect(names).toEqual(
      expect.arrayContaining(["versions.txt", "settings.yaml", "status.json", "files/etc/ipsec.secrets", "events.jsonl"]),
    );
  });

  it("shows rendered files as plan does, and says what could not be collected", async () => {
    const host = await usedHost();
    await bundle(host);
    const text = await textOf(host);
    expect(text.match(/: PSK <psk [0-9a-f]{12}>$/gm)).toHaveLength(2);
    expect(text).toMatch(/This could not be collected: The agent does not answer/);
    expect(text).toMatch(/This could not be collected: cannot connect to charon/);
  });

  it("has no secret, however it came to be in what the agent keeps", async () => {
    const said = SECRETS.flatMap((secret) => WRITTEN(secret).map(([, text]) => text)).join("\n");
    const host = await usedHost(said);
    const { exitCode, stderr } = await bundle(host);
    expect([exitCode, stderr]).toEqual([0, ""]);
    const text = await textOf(host);
    const leaks = SECRETS.flatMap((secret) => {
      const bytes = Buffer.from(secret);
      return [secret, bytes.toString("base64"), bytes.toString("hex"), JSON.stringify(secret).slice(1, -1)];
    }).filter((spelling) => text.includes(spelling));
    expect(leaks).toEqual([]);
    expect(privateKeyLines("", text)).toEqual([]);
    expect(text).toContain("[redacted]");
  });

  it("is refused when a PSK is in it byte by byte, and then nothing is written", async () => {
    const host = await usedHost(APART(PSKS[0])[0]?.[1]);
    const { exitCode, stderr, stdout } = await bundle(host);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/No bundle was written: events\.jsonl holds .*--without events\.jsonl.*BUNDLE_REFUSED/s);
    expect(await bundlesOf(host)).toEqual([]);
    expect((await bundle(host, "events.jsonl")).exitCode).toBe(0);
    expect(await textOf(host)).not.toContain("events.jsonl");
  });

  it("comes about with settings that are wrong, and says what is wrong", async () => {
    const host = await usedHost();
    await writeFile(host.config, "connections: 7\n");
    expect((await bundle(host)).exitCode).toBe(0);
    expect(await textOf(host)).toMatch(/This could not be collected: .*connections/);
  });

  it("comes about when a secret stands in a file that is broken", async () => {
    const host = await usedHost(`"${FIRST.pre_shared_key}`);
    await writeFile(join(host.root, "var/lib/spacegate/last-good.json"), JSON.stringify(wire()).slice(0, 300));
    await writeFile(join(host.root, "etc/ipsec.secrets"), "");
    expect((await bundle(host)).exitCode).toBe(0);
    expect(await textOf(host)).not.toContain(FIRST.pre_shared_key);
  });

  it("takes the name that it is given, and tells it to scripts", async () => {
    const host = await usedHost();
    const out = join(host.directory, "mine.tgz");
    const { stdout } = await spacegate(["bundle", "--json", "--out", out, "--without", "check.json", ...below(host)]);
    expect(JSON.parse(stdout)).toMatchObject({
      file: out,
      files: expect.arrayContaining([{ name: "drills.json", bytes: expect.any(Number) }]),
    });
    expect((await stat(out)).mode & 0o777).toBe(0o600);
  });

  it("goes into a directory that is not there yet, when its name ends like one", async () => {
    const host = await gateway();
    const { stdout } = await spacegate([
      "bundle",
      "--json",
      "--out",
      `${host.directory}/new/`,
      "--without",
      "check.json",
      ...below(host),
    ]);
    expect(JSON.parse(stdout).file).toMatch(/\/new\/spacegate-bundle-.*\.tar\.gz$/);
  });

  it("is for root alone, who can read what must be kept out", async () => {
    const asNobody = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--clear-groups"] : [];
    const [program = "", ...args] = [...asNobody, process.execPath, MAIN, "bundle"];
    const { exitCode, stderr } = await execa(program, args, { reject: false, cwd: "/" });
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/Only root can read.*sudo spacegate bundle.*NOT_ROOT/s)]);
  });

  it("refuses to leave out what is no part of it, and names the parts", async () => {
    const { exitCode, stderr } = await bundle(await usedHost(), "logs");
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/No part of a bundle is called logs.*versions\.txt/s)]);
  });
});
