import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readSettings } from "../../agent/settings/read.ts";
import { bareHost, herokuWith } from "./heroku.ts";
import { PSKS, spacegate, TOKEN, wire } from "./support.ts";
import { atTerminal, CTRL_C, ENTER, ESCAPE } from "./terminal.ts";

const OFFICE = { "acme-space/office": wire() };

const setup = async (changes: Parameters<typeof herokuWith>[0] = {}) => {
  const { state, api } = await herokuWith(changes);
  const host = await bareHost();
  const env = { HEROKU_HOST: api.url, PATH: host.path };
  const args = ["setup", "--root", host.root, "--poll", "100ms", "--no-check"];
  const config = join(host.root, "etc/spacegate/config.yaml");
  const credential = join(host.root, "etc/credstore/heroku-api-key");
  return { state, api, host, env, args, config, credential, left: () => readdir(host.root) };
};

const SECRETS = [...PSKS, TOKEN];

const secretsOn = (screen: string): string[] => SECRETS.filter((secret) => screen.includes(secret));

describe("setup with flags", () => {
  it("writes valid settings with comments, keeps the token for the service, and says what comes next", async () => {
    const { host, env, args, config, credential } = await setup({ connections: OFFICE });
    const more = ["--token-file", host.tokenFile, "--public-address", "203.0.113.10", "--probe-target", "10.0.0.10"];
    const { exitCode, stdout } = await spacegate([...args, ...more], env);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`Next:\n  spacegate run --root ${host.root}\n  spacegate status --root ${host.root}`);
    const { connections } = await readSettings(config);
    expect(connections).toMatchObject([
      {
        space: "acme-space",
        name: "office",
        local: { address: "auto", public_address: "203.0.113.10", subnets: ["172.16.0.0/16"] },
        routing: "auto",
        probe: { target: "10.0.0.10" },
      },
    ]);
    const text = await readFile(config, "utf8");
    expect(text.split("\n").filter((line) => /^\s*#/.test(line)).length).toBeGreaterThan(8);
    expect(text).toContain("auto # 172.31.5.4");
    expect(text).not.toContain(TOKEN);
    expect(await readFile(credential, "utf8")).toBe(`${TOKEN}\n`);
    const modes = await Promise.all(
      [config, credential, join(credential, "..")].map(async (path) => (await stat(path)).mode & 0o777),
    );
    expect(modes).toEqual([0o644, 0o600, 0o700]);
  });

  it("has Heroku make a connection for the networks that this host has routes to", async () => {
    const { state, host, env, args, config } = await setup();
    const more = [
      "--token-file",
      host.tokenFile,
      "--create",
      "--connection",
      "office",
      "--public-address",
      "203.0.113.10",
      "--json",
    ];
    const { exitCode, stdout, stderr } = await spacegate([...args, ...more], env);
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { connection: { name: "office", created: true }, kept: null }]);
    expect(state.connections["acme-space/office"]).toMatchObject({
      public_ip: "203.0.113.10",
      routable_cidrs: ["172.16.0.0/24"],
    });
    expect(stderr).toContain("acme-space/office is provisioning");
    expect((await readSettings(config)).connections[0]?.local.subnets).toEqual(["172.16.0.0/24"]);
  });

  it.each([
    ["--token-file", []],
    ["--space", ["TOKEN"]],
    ["--create", ["TOKEN", "--space", "empty-space"]],
    ["--connection", ["TOKEN", "--space", "empty-space", "--create"]],
    ["--public-address", ["TOKEN", "--space", "empty-space", "--create", "--connection", "office"]],
  ])("that leave out %s end with 2, name it and write nothing", async (option, given) => {
    const { host, env, args, left } = await setup({ connections: OFFICE, spaces: { "empty-space": {} } });
    const more = given.flatMap((word) => (word === "TOKEN" ? ["--token-file", host.tokenFile] : [word]));
    const { exitCode, stderr } = await spacegate([...args, ...more], env);
    expect([exitCode, await left()]).toEqual([2, []]);
    expect(stderr).toMatch(new RegExp(`^${option} is missing: `, "m"));
  });

  it.each([
    ["a subnet that the connection does not route", ["--subnets", "10.9.0.0/16"], /not within the routable CIDRs/],
    ["a probe outside the space", ["--probe-target", "10.99.0.1"], /10\.99\.0\.1 is not in the space/],
    ["a connection that is not there", ["--connection", "branch"], /has no VPN connection branch; it has office/],
    ["a space that is not there", ["--space", "nowhere"], /knows no space nowhere/],
  ])("with %s are refused, and nothing is written", async (_what, more, words) => {
    const { env, args, left } = await setup({ connections: OFFICE });
    const { exitCode, stderr } = await spacegate([...args, ...more], { ...env, HEROKU_API_KEY: TOKEN });
    expect([exitCode, await left()]).toEqual([1, []]);
    expect(stderr).toMatch(words);
  });

  it("ask Heroku for nothing that would not work", async () => {
    const { env, args, left, api } = await setup();
    const more = ["--create", "--connection", "office", "--public-address", "203.0.113.10", "--subnets", "172.17.0.0/16"];
    const { exitCode, stderr } = await spacegate([...args, ...more], { ...env, HEROKU_API_KEY: TOKEN });
    expect([exitCode, await left(), api.requests.filter(({ method }) => method === "POST")]).toEqual([1, [], []]);
    expect(stderr).toMatch(/nothing was asked of it.*172\.17\.0\.0\/16/s);
  });

  it("leave an existing file alone, unless --force keeps it beside the new one", async () => {
    const { env, args, config } = await setup({ connections: OFFICE });
    await mkdir(join(config, ".."), { recursive: true });
    await writeFile(config, "theirs\n");
    const run = (...more: string[]) => spacegate([...args, ...more], { ...env, HEROKU_API_KEY: TOKEN });
    expect((await run()).stderr).toMatch(/exists; nothing was written/);
    expect(await readFile(config, "utf8")).toBe("theirs\n");
    const { exitCode, stdout } = await run("--force", "--json");
    expect(exitCode).toBe(0);
    expect(await readFile(JSON.parse(stdout).kept, "utf8")).toBe("theirs\n");
  });

  it("say what Heroku goes on doing where the settings cannot be written afterwards", async () => {
    const { env, args, host } = await setup();
    const more = ["--create", "--connection", "office", "--public-address", "203.0.113.10", "--config", `${host.tokenFile}/x`];
    const { exitCode, stderr } = await spacegate([...args, ...more], { ...env, HEROKU_API_KEY: TOKEN });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/x cannot be written .*\nHeroku has been asked for acme-space\/office.*spacegate vpn wait office/s);
  });

  it("keep no token with --no-store-token", async () => {
    const { env, args, host } = await setup({ connections: OFFICE });
    await spacegate([...args, "--no-store-token"], { ...env, HEROKU_API_KEY: TOKEN });
    expect(await readdir(join(host.root, "etc"))).toEqual(["spacegate"]);
  });

  it("find the public address by EC2's metadata service, version 2", async () => {
    const { env, args, host, config } = await setup({ connections: OFFICE });
    await mkdir(join(host.root, "sys/class/dmi/id"), { recursive: true });
    await writeFile(join(host.root, "sys/class/dmi/id/sys_vendor"), "Amazon EC2\n");
    const server = createServer((request, response) => {
      const { method, url, headers } = request;
      if (method === "PUT" && url === "/latest/api/token" && headers["x-aws-ec2-metadata-token-ttl-seconds"])
        response.end("leave");
      else if (url === "/latest/meta-data/public-ipv4" && headers["x-aws-ec2-metadata-token"] === "leave")
        response.end("203.0.113.10");
      else response.writeHead(401).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { stderr } = await spacegate(args, { ...env, HEROKU_API_KEY: TOKEN, AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint });
    expect(stderr).toContain("Its public address, as EC2 tells it: 203.0.113.10.");
    expect((await readSettings(config)).connections[0]?.local.public_address).toBe("203.0.113.10");
  });
});

describe("setup at a terminal", () => {
  it("asks what it cannot find, makes the connection, and never shows the token", async () => {
    const { args, env, config, credential, state } = await setup();
    const person = atTerminal(args, env);
    await person.until(/Heroku API token\?/);
    person.type(`${TOKEN}${ENTER}`);
    await person.until(/has no VPN connection\. Have Heroku make one\?/);
    person.type(ENTER);
    await person.until(/A name for the new VPN connection\?/);
    person.type(ENTER);
    await person.until(/public address\?/);
    person.type(`203.0.113.10${ENTER}`);
    await person.until(/Which networks behind this gateway/);
    person.type(ENTER);
    await person.until(/answers pings/);
    person.type(`10.0.0.10${ENTER}`);
    await person.until(/Write these settings\?/);
    person.type(ENTER);
    expect(await person.ended).toBe(0);
    expect(secretsOn(person.text())).toEqual([]);
    expect(person.text()).toMatch(/Next:\s+spacegate run/);
    expect(state.connections["acme-space/office"]).toMatchObject({
      public_ip: "203.0.113.10",
      routable_cidrs: ["172.16.0.0/24"],
    });
    expect((await readSettings(config)).connections[0]?.probe?.target).toBe("10.0.0.10");
    expect(await readFile(credential, "utf8")).toBe(`${TOKEN}\n`);
  });

  const QUESTIONS: readonly (readonly [RegExp, string])[] = [
    [/Heroku API token\?/, `${TOKEN}${ENTER}`],
    [/Have Heroku make one\?/, ENTER],
    [/A name for the new/, ENTER],
    [/public address\?/, `203.0.113.10${ENTER}`],
    [/Which networks/, ENTER],
    [/answers pings/, ENTER],
    [/Write these settings\?/, ""],
  ];

  it.each(QUESTIONS.flatMap((_question, place) => [[place + 1, "Ctrl-C", CTRL_C] as const, [place + 1, "Esc", ESCAPE] as const]))(
    "cancelled at question %i with %s leaves nothing behind",
    async (place, _key, key) => {
      const { args, env, left, state, api } = await setup();
      const person = atTerminal(args, env);
      for (const [question, answer] of QUESTIONS.slice(0, place - 1)) {
        await person.until(question);
        person.type(answer);
      }
      await person.until(QUESTIONS[place - 1]?.[0] ?? /never/);
      person.type(key);
      expect(await person.ended).toBe(130);
      expect(person.text()).toContain("Stopped. Nothing was changed.");
      expect([await left(), state.connections]).toEqual([[], {}]);
      expect(api.requests.filter(({ method }) => method !== "GET")).toEqual([]);
      expect(secretsOn(person.text())).toEqual([]);
    },
  );

  it("asks for the token that was to come from standard input, and does not show it", async () => {
    const { args, env, credential } = await setup({ connections: OFFICE });
    const person = atTerminal(
      [...args, "--token-file", "-", "--probe-target", "none", "--subnets", "172.16.0.0/16", "--yes"],
      env,
    );
    await person.until(/Heroku API token\?/);
    person.type(`${TOKEN}${ENTER}`);
    await person.until(/public address\?/);
    person.type(ENTER);
    expect([await person.ended, secretsOn(person.text())]).toEqual([0, []]);
    expect(await readFile(credential, "utf8")).toBe(`${TOKEN}\n`);
  });

  it("shows nothing of its progress beside an error", async () => {
    const { args, env } = await setup({ provisioning: { provisioningMs: 60_000 } });
    const more = ["--space", "acme-space", "--create", "--connection", "office", "--public-address", "203.0.113.10", "--yes"];
    const person = atTerminal([...args, ...more, "--subnets", "172.16.0.0/24", "--probe-target", "none", "--timeout", "1s"], {
      ...env,
      HEROKU_API_KEY: TOKEN,
    });
    expect(await person.ended).toBe(1);
    expect(person.text()).toMatch(/\rWaited 1\.0 s for acme-space\/office to be active.*Go on with: spacegate vpn wait office/s);
  });

  it("stopped while Heroku makes the connection says so; the settings are there", async () => {
    const { args, env, config } = await setup({ provisioning: { provisioningMs: 60_000 } });
    const more = ["--space", "acme-space", "--create", "--connection", "office", "--public-address", "203.0.113.10", "--yes"];
    const person = atTerminal([...args, ...more, "--subnets", "172.16.0.0/24", "--probe-target", "none"], {
      ...env,
      HEROKU_API_KEY: TOKEN,
    });
    await person.until(/is provisioning/);
    person.type(CTRL_C);
    expect(await person.ended).toBe(130);
    expect(person.text()).toMatch(/Heroku goes on.*spacegate vpn wait office --space acme-space/s);
    expect((await readSettings(config)).connections).toHaveLength(1);
  });
});
