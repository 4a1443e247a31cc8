import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Secret } from "../../agent/lib/secret.ts";
import { HerokuCliSource } from "../../agent/source/heroku-cli.ts";
import { everythingOf, failureOf, never, PSKS, REF, TOKEN, temporaryDirectory, wire } from "./support.ts";

/** A `heroku` on PATH that keeps its arguments and variables beside itself and then does what `script` says. */
const clientThat = async (script: string, options: { token?: Secret; timeoutMs?: number; env?: Record<string, string> } = {}) => {
  const directory = await temporaryDirectory();
  const path = join(directory, "heroku");
  await writeFile(join(directory, "connection.json"), JSON.stringify(wire(), undefined, 2));
  const keep = `cd "${directory}"\nfor a in "$@"; do echo "$a"; done > argv\nenv > env\n`;
  await writeFile(path, `#!/bin/sh\n${keep}${script}\n`, { mode: 0o755 });
  const env = { PATH: `${directory}:/usr/bin:/bin`, HOME: directory, ...options.env };
  const source = new HerokuCliSource({ env, timeoutMs: options.timeoutMs ?? 5000, token: async () => options.token });
  return { directory, source, kept: (name: string) => readFile(join(directory, name), "utf8") };
};

const failureThat = async (script: string, token?: Secret) => {
  const { source } = await clientThat(script, token ? { token } : {});
  return failureOf(() => source.fetch(REF, never));
};

describe("the heroku client", () => {
  test("is asked for the connection's details as JSON", async () => {
    const { source, kept } = await clientThat("cat connection.json");
    expect(await source.fetch(REF, never)).toMatchObject({
      kind: "ready",
      connection: { tunnels: [{ index: 1 }, { index: 2 }] },
    });
    expect(await kept("argv")).toBe("spaces:vpn:info\noffice\n--space\nacme-space\n--json\n");
  });

  test("gets the token in its environment, never as an argument, and no other variable of the agent's", async () => {
    const env = { HEROKU_HOST: "http://127.0.0.1:1", https_proxy: "http://proxy:3128", NOTIFY_SOCKET: "/run/x", AWS_SECRET: "y" };
    const { source, kept } = await clientThat("cat connection.json", { token: new Secret(TOKEN), env });
    await source.fetch(REF, never);
    const names = (await kept("env")).split("\n").map((line) => line.split("=")[0]);
    expect(names.filter((name) => name && !["PWD", "OLDPWD", "SHLVL", "_"].includes(name)).sort()).toEqual(
      ["HEROKU_API_KEY", "HEROKU_HOST", "HOME", "LC_ALL", "PATH", "https_proxy"].sort(),
    );
    expect(await kept("env")).toContain(`HEROKU_API_KEY=${TOKEN}`);
    expect(await kept("argv")).not.toContain(TOKEN);
  });

  test("uses its own login when the agent has no token", async () => {
    const { source, kept } = await clientThat("cat connection.json");
    await source.fetch(REF, never);
    expect(await kept("env")).not.toContain("HEROKU_API_KEY");
  });

  test("may say whatever it likes around the JSON", async () => {
    const { source } = await clientThat(
      'echo " ›   Warning: heroku update available" >&2\nprintf "\\033[33m[notice]\\033[0m {x}\\n"\ncat connection.json\necho\necho "Done."',
    );
    expect(await source.fetch(REF, never)).toMatchObject({ kind: "ready" });
  });

  test("that does not find the connection means waiting", async () => {
    const { source } = await clientThat(
      'echo " ›   Error: Couldn\'t find that space.\n ›\n ›   Error ID: not_found" >&2; exit 2',
    );
    expect(await source.fetch(REF, never)).toMatchObject({
      kind: "waiting",
      reason: expect.stringContaining("just created, or the space or the name is misspelt"),
    });
  });

  test.each(["--json", "office; reboot", "$(reboot)", "`x`", "a b"])("is not asked about %j", async (name) => {
    const { source, kept } = await clientThat("cat connection.json");
    expect((await failureOf(() => source.fetch({ ...REF, name }, never))).code).toBe("CONNECTION_INVALID");
    await expect(kept("argv")).rejects.toThrow("ENOENT");
  });
});

describe("a client that fails", () => {
  test.each([
    ["Error: Invalid credentials provided.\n ›\n ›   Error ID: unauthorized", "SOURCE_UNAUTHORIZED"],
    ["Error: The token provided to HEROKU_API_KEY is invalid. Please double-check", "SOURCE_UNAUTHORIZED"],
    ["heroku: Press any key to open up the browser to login or q to exit", "SOURCE_UNAUTHORIZED"],
    ["Error: You do not have access\n ›\n ›   Error ID: forbidden", "SOURCE_FORBIDDEN"],
    ["Error: Too many requests\n ›\n ›   Error ID: rate_limit", "SOURCE_RATE_LIMITED"],
    ["Error: spaces:vpn:info is not a heroku command.", "SOURCE_CLIENT_MISSING"],
    ["Error: getaddrinfo ENOTFOUND api.heroku.com", "SOURCE_UNAVAILABLE"],
  ])("with %j is %s", async (words, code) => {
    const error = await failureThat(`cat >&2 <<'END'\n ›   ${words}\nEND\nexit 1`);
    expect(error).toMatchObject({ code, details: { exitCode: 1 } });
    expect(error.message).toContain("acme-space/office: the heroku client ended with 1: ");
    expect(error.message).not.toMatch(/[\p{Cc}›]/u);
  });

  test("has its words repeated without warnings, and without PSK and token", async () => {
    const words = ` ›   Warning: update available\n ›   Error: got {"pre_shared_key":"${PSKS[0]}"} with Bearer ${TOKEN} and ${TOKEN}`;
    const error = await failureThat(`cat connection.json\ncat >&2 <<'END'\n${words}\nEND\nexit 1`, new Secret(TOKEN));
    expect(error.message).toContain('Error: got {"pre_shared_key":"[redacted]"}');
    expect(error.message).not.toContain("Warning");
    for (const secret of [...PSKS, TOKEN]) expect(everythingOf(error)).not.toContain(secret);
  });

  test("with JSON that is cut off: nothing of it is quoted", async () => {
    const error = await failureThat("head -c 600 connection.json");
    expect(error.code).toBe("SOURCE_MALFORMED");
    for (const psk of PSKS) expect(everythingOf(error)).not.toContain(psk);
  });

  test("with a mebibyte of anything: nothing of it is quoted", async () => {
    const error = await failureThat("cat connection.json; head -c 2000000 /dev/zero | tr '\\0' x");
    expect(error.code).toMatch(/^SOURCE_/);
    for (const psk of PSKS) expect(everythingOf(error)).not.toContain(psk);
  });

  test("is not installed", async () => {
    const source = new HerokuCliSource({
      env: { PATH: await temporaryDirectory() },
      timeoutMs: 5000,
      token: async () => undefined,
    });
    const error = await failureOf(() => source.fetch(REF, never));
    expect(error).toMatchObject({ code: "SOURCE_CLIENT_MISSING", fix: expect.stringContaining("npm install --global heroku") });
  });

  test("hangs: it is ended with everything that it started", async () => {
    const { source, kept } = await clientThat("sleep 60 & echo $! > child\nwait", { timeoutMs: 500 });
    const error = await failureOf(() => source.fetch(REF, never));
    expect(error).toMatchObject({ code: "SOURCE_UNAVAILABLE", message: "the heroku client did not end within 0.5 s" });
    const status = await readFile(`/proc/${(await kept("child")).trim()}/stat`, "utf8").catch(() => "gone");
    expect(status).toMatch(/^gone$|\) [ZX] /);
  });

  test("is ended when the caller gives up", async () => {
    const { source } = await clientThat("sleep 60", { timeoutMs: 30_000 });
    const controller = new AbortController();
    const asking = source.fetch(REF, controller.signal);
    setTimeout(() => controller.abort(new Error("enough")), 200);
    await expect(asking).rejects.toThrow("enough");
  });
});
