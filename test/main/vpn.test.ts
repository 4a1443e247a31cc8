import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { bareHost, herokuWith } from "./heroku.ts";
import { PSKS, spacegate, TOKEN, wire } from "./support.ts";
import { atTerminal, CTRL_C, ENTER } from "./terminal.ts";

const OFFICE = { "acme-space/office": wire() };
const VALUES = ["--space", "acme-space", "--ip", "203.0.113.10", "--cidrs", "172.16.0.0/16"];

const setup = async (changes: Parameters<typeof herokuWith>[0] = {}) => {
  const { state, api } = await herokuWith(changes);
  const { root } = await bareHost();
  const env = { HEROKU_HOST: api.url, HEROKU_API_KEY: TOKEN };
  const vpn = (verb: string, ...args: string[]) => spacegate(["vpn", verb, "--root", root, ...args], env);
  const changing = () => api.requests.filter(({ method }) => method !== "GET").map(({ method }) => method);
  return { state, api, root, env, vpn, changing };
};

describe("spacegate vpn", () => {
  it("connect makes a connection: a line for each change, the result without PSKs", async () => {
    const { vpn } = await setup();
    const { exitCode, stdout, stderr } = await vpn("connect", "office", ...VALUES, "--poll", "50ms");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^acme-space\/office: active\n {2}public address {3}203\.0\.113\.10/);
    const lines = stderr.split("\n");
    expect(lines).toEqual(expect.arrayContaining([expect.stringMatching(/^acme-space\/office is provisioning: .* \(\d+s\)$/)]));
    expect(new Set(lines).size).toBe(lines.length);
  });

  it("info shows fingerprints that stay the same, as a table and as JSON", async () => {
    const { vpn, root } = await setup({ connections: OFFICE });
    const [text, json] = [
      await vpn("info", "--space", "acme-space"),
      await vpn("info", "office", "--space", "acme-space", "--json"),
    ];
    const shown = JSON.parse(json.stdout);
    expect(shown).toMatchObject({ space: "acme-space", status: "active", tunnels: [{ ip: "34.203.187.158", status: "UP" }, {}] });
    for (const { psk_fingerprint } of shown.tunnels) {
      expect(psk_fingerprint).toMatch(/^[0-9a-f]{12}$/);
      expect(text.stdout).toContain(psk_fingerprint);
    }
    expect(text.stdout.split("\n").every((line) => line.length <= 80)).toBe(true);
    expect((await stat(join(root, "var/lib/spacegate"))).mode & 0o777).toBe(0o700);
  });

  it.each([
    ["connect", ["office", "--space", "acme-space", "--ip", "203.0.113.10"], /^--cidrs is missing/m],
    ["connect", ["office", "--space", "acme-space"], /^--ip is missing/m],
    ["connect", ["--space", "acme-space"], /^NAME is missing/m],
    ["info", [], /^--space is missing/m],
    ["rotate", ["office", "--space", "acme-space"], /Add --confirm office\./],
    ["destroy", ["office", "--space", "acme-space"], /Add --confirm office\./],
  ])("%s %j without a terminal is 2 and names what is missing", async (verb, args, words) => {
    const { vpn, changing } = await setup(verb === "connect" ? {} : { connections: OFFICE });
    const { exitCode, stderr } = await vpn(verb, ...args);
    expect([exitCode, changing()]).toEqual([2, []]);
    expect(stderr).toMatch(words);
  });

  it.each([
    ["--timeout", "soon"],
    ["--poll", "0s"],
  ])("%s %s is wrong usage", async (option, value) => {
    const { vpn } = await setup();
    expect((await vpn("wait", "office", "--space", "acme-space", option, value)).exitCode).toBe(2);
  });

  it.each(["a/../b", "-x", "Office", "a b"])("a name like %j goes nowhere near Heroku", async (name) => {
    const { vpn, api } = await setup({ connections: OFFICE });
    const { exitCode } = await vpn("destroy", "--space", "acme-space", `--confirm=${name}`, "--", name);
    expect([exitCode, api.requests]).toEqual([1, []]);
  });

  it("rotate keeps what was, without a daemon says where to look, and leaves no record", async () => {
    const { vpn, root, changing } = await setup({ connections: OFFICE });
    const args = ["office", "--space", "acme-space", "--confirm", "office", "--poll", "50ms"];
    const { exitCode, stdout, stderr } = await vpn("rotate", ...args);
    expect([exitCode, changing()]).toEqual([0, ["DELETE", "POST"]]);
    expect(stderr).toMatch(/both tunnels go down, and no traffic passes/);
    expect(stdout).toMatch(/No agent answers on this host.*`spacegate status`/);
    expect(await readdir(join(root, "var/lib/spacegate"))).toEqual(["fingerprint.key"]);
  });

  it("destroy waits until it is gone and tells what the agent does now", async () => {
    const { vpn } = await setup({ connections: OFFICE });
    const { exitCode, stdout } = await vpn("destroy", "--space", "acme-space", "--confirm", "office", "--poll", "50ms");
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/acme-space\/office is gone\.\n.*last good details/)]);
    expect((await vpn("info", "office", "--space", "acme-space")).exitCode).toBe(1);
  });
});

describe("spacegate vpn at a terminal", () => {
  it("asks for what is missing, and shows progress in one line", async () => {
    const { root, env, state } = await setup();
    const person = atTerminal(["vpn", "connect", "--root", root, "--poll", "50ms"], env);
    for (const [question, answer] of [
      [/Which Private Space\?/, "acme-space"],
      [/connection's name\?/, "office"],
      [/static public address\?/, "203.0.113.10"],
      [/Which local networks/, "172.16.0.0/16"],
    ] as const) {
      await person.until(question);
      person.type(`${answer}${ENTER}`);
    }
    expect(await person.ended).toBe(0);
    expect(state.connections).toHaveProperty(["acme-space/office"]);
    expect(person.text()).toMatch(/\racme-space\/office is pending \(0s\)\r/);
    for (const secret of [...PSKS, TOKEN]) expect(person.text()).not.toContain(secret);
  });

  it("takes the typed name as confirmation, and nothing else", async () => {
    const { root, env, changing } = await setup({ connections: OFFICE });
    const person = atTerminal(["vpn", "destroy", "office", "--space", "acme-space", "--root", root], env);
    await person.until(/type the connection's name/);
    person.type(`yes${ENTER}`);
    expect([await person.ended, changing()]).toEqual([1, []]);
  });

  it("SIGTERM ends a question as Ctrl-C does", async () => {
    const { root, env, changing } = await setup({ connections: OFFICE });
    const person = atTerminal(["vpn", "destroy", "office", "--space", "acme-space", "--root", root], env);
    await person.until(/type the connection's name/);
    person.terminate();
    await person.until(/Stopped\. Nothing was changed\./);
    await person.ended;
    expect(changing()).toEqual([]);
  });

  it.each([
    ["info", ["office"]],
    ["info", []],
    ["destroy", []],
  ])("%s %j that is stopped while Heroku does not answer says that nothing was changed", async (verb, names) => {
    const { root, env, state } = await setup({ connections: OFFICE, fault: { kind: "hang", times: 1 } });
    const person = atTerminal(["vpn", verb, ...names, "--space", "acme-space", "--root", root], env);
    await vi.waitFor(() => expect(state.fault?.times).toBe(0), 15_000);
    person.type(CTRL_C);
    expect(await person.ended).toBe(130);
    expect(person.text()).toMatch(/Stopped\. Nothing was changed\.\s+Run the same command again\.\s+\(INTERRUPTED\)/);
  });

  it("a rotation that is stopped between destroy and create goes on with what it kept, by rotate and by connect", async () => {
    for (const next of ["rotate", "connect"]) {
      const made = await setup({ connections: OFFICE, fault: { kind: "status", status: 503, only: "POST" } });
      const args = [
        "vpn",
        "rotate",
        "office",
        "--space",
        "acme-space",
        "--confirm",
        "office",
        "--root",
        made.root,
        "--poll",
        "50ms",
      ];
      const person = atTerminal(args, made.env);
      await person.until(/cannot answer now/);
      person.type(CTRL_C);
      expect(await person.ended).toBe(130);
      expect(person.text()).toMatch(/NO TRAFFIC PASSES.*spacegate vpn rotate office --space acme-space --root/s);
      made.state.fault = null;
      const { exitCode } = await made.vpn(next, "--space", "acme-space", "--poll", "50ms");
      expect([next, exitCode]).toEqual([next, 0]);
      expect(made.state.connections["acme-space/office"]).toMatchObject({
        public_ip: "203.0.113.10",
        routable_cidrs: ["172.16.0.0/16"],
      });
      expect(await readdir(join(made.root, "var/lib/spacegate"))).toEqual(["fingerprint.key"]);
    }
  });
});
