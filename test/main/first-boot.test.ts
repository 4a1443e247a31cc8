import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { standIn, type World } from "../firstboot/stand-in.ts";
import { temporaryDirectory } from "../lib/support.ts";
import { spacegate } from "./support.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const TOKEN = "HRKU-0f0f0f0f-1111-2222-3333-444455556666";
const NEW_TOKEN = "HRKU-aaaaaaaa-bbbb-cccc-dddd-eeeeffff0000";
const SETTINGS = {
  connections: [{ space: "acme-space", name: "office", local: { subnets: ["172.16.0.0/16"] } }],
};

/** The images' directories, a first-boot file, and AWS. On EC2 unless told otherwise. */
const machine = async (firstBoot: object, changes: Partial<World> = {}, vendor = "Amazon EC2") => {
  const root = await temporaryDirectory();
  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  await put("etc/spacegate/first-boot.yaml", stringify(firstBoot));
  await put("sys/class/dmi/id/sys_vendor", `${vendor}\n`);
  await put("sys/class/dmi/id/board_asset_tag", "i-0123456789abcdef0\n");
  const aws = await standIn({
    parameters: { "/gw/settings": { value: stringify(SETTINGS) }, "/gw/token": { value: TOKEN } },
    ...changes,
  });
  const run = (...args: string[]) =>
    spacegate(["first-boot", "--root", root, "--wait", "1s", ...args], aws.env, [TOKEN, NEW_TOKEN]);
  const read = (path: string) => readFile(join(root, path), "utf8").catch(() => undefined);
  const written = async () => [await read("etc/spacegate/config.yaml"), await read("etc/credstore/heroku-api-key")];
  return { ...aws, root, put, run, read, written };
};

const FROM_SSM = { settings: { ssm_parameter: "/gw/settings" }, token: { ssm_parameter: "/gw/token" } };

describe("spacegate first-boot", () => {
  it("fetches settings and token with the instance's own credentials, and sees that the instance forwards", async () => {
    const { run, root, read, world } = await machine(FROM_SSM);
    const { exitCode, stdout, stderr } = await run("--json");
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({
      settings: { state: "written" },
      token: { state: "written" },
      source_dest_check: { state: "off", interfaces: ["eni-0aaaaaaaaaaaaaaaa"] },
      notes: [],
    });
    expect(await read("etc/spacegate/config.yaml")).toBe(stringify(SETTINGS));
    expect(await read("etc/credstore/heroku-api-key")).toBe(`${TOKEN}\n`);
    const mode = async (path: string) => ((await stat(join(root, path))).mode & 0o777).toString(8);
    expect([
      await mode("etc/spacegate/config.yaml"),
      await mode("etc/credstore/heroku-api-key"),
      await mode("etc/credstore"),
    ]).toEqual(["644", "600", "700"]);
    expect(world.calls.map((call) => call.split(" ")[0])).toEqual([
      "ssm:GetParameter",
      "ssm:GetParameter",
      "ec2:DescribeNetworkInterfaceAttribute",
    ]);
  });

  it("does the same as it is installed: bundled, with AWS's clients loaded late", async () => {
    const { env, root, written, world } = await machine(
      { settings: { ssm_parameter: "/gw/settings" }, token: { secret: "gw/token" } },
      { secrets: { "gw/token": TOKEN } },
    );
    const dist = join(await temporaryDirectory(), "dist");
    await execa("npm", ["run", "--silent", "bundle", "--", `--outdir=${dist}`], { cwd: PROJECT });
    const { exitCode } = await execa(
      process.execPath,
      [join(dist, "spacegate.mjs"), "first-boot", "--root", root, "--wait", "5s"],
      { env },
    );
    expect([exitCode, await written()]).toEqual([0, [stringify(SETTINGS), `${TOKEN}\n`]]);
    expect(world.calls.map((call) => call.split(" ")[0])).toEqual([
      "ssm:GetParameter",
      "secretsmanager:GetSecretValue",
      "ec2:DescribeNetworkInterfaceAttribute",
    ]);
  });

  it("asks AWS nothing at the next boot", async () => {
    const { run, world, written } = await machine(FROM_SSM);
    await run();
    const [before, calls] = [await written(), world.calls.length];
    world.imds = false;
    const again = await run();
    expect([again.exitCode, again.stderr, world.calls.length]).toEqual([0, "", calls]);
    expect(again.stdout).toContain("was there, and stays as it is");
    expect(await written()).toEqual(before);
  });

  it("looks again in an instance that was made of a gateway's own image", async () => {
    const { run, put, world } = await machine(FROM_SSM);
    await run();
    await put("sys/class/dmi/id/board_asset_tag", "i-0ffffffffffffffff\n");
    world.checked["eni-0aaaaaaaaaaaaaaaa"] = true;
    expect(await run()).toMatchObject({ exitCode: 1, all: expect.stringContaining("SOURCE_DEST_CHECK_ON") });
  });

  it("looks again where nothing tells one instance from another", async () => {
    const { run, put, world } = await machine(FROM_SSM);
    await put("sys/class/dmi/id/board_asset_tag", "\n");
    await run();
    world.checked["eni-0aaaaaaaaaaaaaaaa"] = true;
    expect(await run()).toMatchObject({ exitCode: 1, all: expect.stringContaining("SOURCE_DEST_CHECK_ON") });
  });

  it("fetches a rotated token with --refresh-token, and nothing else", async () => {
    const { run, world, written } = await machine(FROM_SSM);
    await run();
    world.parameters["/gw/settings"] = { value: "connections: []\n" };
    expect((await run("--refresh-token")).stdout).toContain("is the newest already");
    world.parameters["/gw/token"] = { value: `${NEW_TOKEN}\n` };
    expect((await run("--refresh-token")).stdout).toContain("systemctl try-restart spacegate");
    expect(await written()).toEqual([stringify(SETTINGS), `${NEW_TOKEN}\n`]);
  });

  it("never replaces settings that are there, unless --force says so, which keeps them", async () => {
    const { run, put, read, root } = await machine(FROM_SSM);
    await put("etc/spacegate/config.yaml", "# mine\n");
    expect((await run()).exitCode).toBe(0);
    expect(await read("etc/spacegate/config.yaml")).toBe("# mine\n");
    expect((await run("--force")).exitCode).toBe(0);
    expect(await read("etc/spacegate/config.yaml")).toBe(stringify(SETTINGS));
    expect(await read("etc/spacegate/config.yaml.before-first-boot")).toBe("# mine\n");
    expect((await readdir(join(root, "etc/spacegate"))).sort()).toEqual([
      "config.yaml",
      "config.yaml.before-first-boot",
      "first-boot.yaml",
    ]);
  });

  it("has nothing to do without a first-boot file", async () => {
    const root = await temporaryDirectory();
    const { exitCode, stdout } = await spacegate(["first-boot", "--root", root]);
    expect([exitCode, stdout, await readdir(root)]).toEqual([0, expect.stringContaining("nothing to do"), []]);
  });

  it("takes settings from the user data and the token from a key of a secret", async () => {
    const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:gw/token-AbCdEf";
    const own = { settings: { inline: SETTINGS }, token: { secret: arn, key: "heroku" }, source_dest_check: "ignore" };
    const { run, written, world } = await machine(own, { secrets: { [arn]: JSON.stringify({ heroku: TOKEN, other: "x" }) } });
    // The ARN names the region: the metadata service is asked for credentials only.
    expect(await run()).toMatchObject({ exitCode: 0 });
    expect(await written()).toEqual([stringify(SETTINGS), `${TOKEN}\n`]);
    expect(world.calls).toEqual([`secretsmanager:GetSecretValue ${arn}`]);
  });

  it("takes both from files, on a host that is no EC2 instance, and asks nobody", async () => {
    const own = { settings: { file: "/run/seed/config.yaml" }, token: { file: "/run/seed/token" } };
    const { run, put, written, world } = await machine(own, { imds: false }, "QEMU");
    await put("run/seed/config.yaml", stringify(SETTINGS));
    await put("run/seed/token", `${TOKEN}\n`);
    const { exitCode, stdout } = await run();
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining("this host is not an EC2 instance")]);
    expect(await written()).toEqual([stringify(SETTINGS), `${TOKEN}\n`]);
    expect(world.calls).toEqual([]);
  });

  it("needs no token where Heroku is not asked", async () => {
    const own = { settings: { inline: { ...SETTINGS, heroku: { source: "file", file: "/etc/spacegate/vpn.json" } } } };
    const { run, written } = await machine(own, {}, "QEMU");
    expect(await run()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("is not asked for") });
    expect((await written())[1]).toBeUndefined();
    const without = await machine({ settings: { inline: SETTINGS } }, {}, "QEMU");
    expect(await without.run()).toMatchObject({ exitCode: 3, all: expect.stringContaining("token is missing") });
    expect(await without.written()).toEqual([undefined, undefined]);
  });

  it("tells when the token lies there unencrypted", async () => {
    const { run } = await machine(FROM_SSM, {
      parameters: {
        "/gw/settings": { value: stringify(SETTINGS), type: "String" },
        "/gw/token": { value: TOKEN, type: "String" },
      },
    });
    expect((await run()).stdout).toContain("the parameter /gw/token is stored without encryption");
  });
});

describe("what is not there yet", () => {
  it.each([
    ["the instance's profile", { profileAfter: 3 }, "There are no AWS credentials yet. Trying again."],
    ["AWS itself", { busy: 2 }, "AWS does not answer ssm:GetParameter yet: ServiceUnavailable"],
  ])("is waited for: %s", async (_what, changes, words) => {
    const { run, written } = await machine(FROM_SSM, changes);
    const { exitCode, stderr } = await run("--wait", "20s");
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining(words)]);
    expect(await written()).toEqual([stringify(SETTINGS), `${TOKEN}\n`]);
  });

  it.each([
    ["credentials", { profileAfter: 1000 }, {}, "There are no AWS credentials yet"],
    ["the metadata service", { imds: false }, {}, "EC2's metadata service does not answer"],
    ["a way to AWS", {}, { AWS_ENDPOINT_URL: "http://127.0.0.1:1" }, "cannot be reached for ssm:GetParameter (ECONNREFUSED)"],
  ])("is given up after --wait: %s", async (_what, changes, env, words) => {
    const { root, written, ...aws } = await machine(FROM_SSM, changes);
    const { exitCode, all } = await spacegate(["first-boot", "--root", root, "--wait", "1s"], { ...aws.env, ...env }, [TOKEN]);
    expect([exitCode, all]).toEqual([1, expect.stringContaining("FIRST_BOOT_TIMEOUT")]);
    expect(all).toContain(words);
    expect(await written()).toEqual([undefined, undefined]);
  });
});

describe("what is refused, with nothing written", () => {
  const secret = { settings: { inline: SETTINGS }, token: { secret: "gw/token" } };
  const secrets = { "gw/token": TOKEN };

  it.each([
    [
      "an action that is denied",
      FROM_SSM,
      { denied: new Set(["ssm:GetParameter"]) },
      "Allow the instance's role ssm:GetParameter on arn:aws:ssm:eu-west-1:*:parameter/gw/settings.",
    ],
    [
      "a secret that is denied",
      secret,
      { secrets, denied: new Set(["secretsmanager:GetSecretValue"]) },
      "Allow the instance's role secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:*:secret:gw/token-??????.",
    ],
    ["a parameter's key", FROM_SSM, { kmsDenied: true }, "kms:Decrypt"],
    ["a secret's key", secret, { secrets, kmsDenied: true }, "kms:Decrypt"],
    [
      "a parameter that is not there",
      { ...FROM_SSM, token: { ssm_parameter: "/gw/tokne" } },
      {},
      "no such thing in eu-west-1: the parameter /gw/tokne",
    ],
    ["another region", { ...FROM_SSM, region: "us-east-1" }, {}, "no such thing in us-east-1: the parameter /gw/settings"],
    ["a secret that is not there", secret, {}, "aws secretsmanager create-secret --region eu-west-1 --name gw/token"],
    [
      "an empty token",
      FROM_SSM,
      { parameters: { "/gw/settings": { value: stringify(SETTINGS) }, "/gw/token": { value: " " } } },
      "There is nothing in the parameter /gw/token",
    ],
    [
      "a token of two lines",
      FROM_SSM,
      { parameters: { "/gw/settings": { value: stringify(SETTINGS) }, "/gw/token": { value: `${TOKEN}\n${TOKEN}` } } },
      "TOKEN_MISSING",
    ],
    ["a secret that is no JSON", { ...secret, token: { secret: "gw/token", key: "heroku" } }, { secrets }, "is no JSON object"],
    [
      "a secret without the key",
      { ...secret, token: { secret: "gw/token", key: "heroku" } },
      { secrets: { "gw/token": JSON.stringify({ other: TOKEN }) } },
      'has no text at "heroku"',
    ],
    ["a file that is not there", { ...FROM_SSM, token: { file: "/run/nowhere" } }, {}, "/run/nowhere cannot be read"],
  ])("%s", async (_what, own, changes, words) => {
    const { run, written } = await machine(own, changes as Partial<World>);
    const { exitCode, all } = await run();
    expect([exitCode, all]).toEqual([1, expect.stringContaining(words)]);
    expect(await written()).toEqual([undefined, undefined]);
  });

  it("settings that would be refused as a file", async () => {
    const { run, written } = await machine(FROM_SSM, {
      parameters: { "/gw/settings": { value: "connections: []\nlogs: {}\n" }, "/gw/token": { value: TOKEN } },
    });
    const { exitCode, all } = await run();
    expect([exitCode, all]).toEqual([
      3,
      expect.stringContaining("the parameter /gw/settings:2:1 logs: unknown key; did you mean log?"),
    ]);
    expect(await written()).toEqual([undefined, undefined]);
  });

  it("a first-boot file that is wrong", async () => {
    const { run, written } = await machine({ settings: {} });
    expect(await run()).toMatchObject({ exitCode: 3, all: expect.stringContaining("settings: must have exactly one of") });
    expect(await written()).toEqual([undefined, undefined]);
  });
});

describe("EC2's source/destination check", () => {
  const [FIRST, SECOND] = ["eni-0aaaaaaaaaaaaaaaa", "eni-0bbbbbbbbbbbbbbbb"];
  const disable = { ...FROM_SSM, source_dest_check: "disable" };

  it("is told when it is on, with the command that ends it; the gateway comes up all the same", async () => {
    const { run, written } = await machine(FROM_SSM, { checked: { [FIRST]: false, [SECOND]: true } });
    const { exitCode, all } = await run();
    expect([exitCode, all]).toEqual([1, expect.stringContaining("SOURCE_DEST_CHECK_ON")]);
    expect(all).toContain(`aws ec2 modify-network-interface-attribute --network-interface-id ${SECOND} --no-source-dest-check`);
    expect(all).not.toContain(FIRST);
    expect(await written()).toEqual([stringify(SETTINGS), `${TOKEN}\n`]);
  });

  it("is switched off where it is on, on every interface", async () => {
    const { run, world } = await machine(disable, { checked: { [FIRST]: true, [SECOND]: false } });
    const { exitCode, stdout } = await run("--json");
    expect([exitCode, JSON.parse(stdout).source_dest_check]).toEqual([0, { state: "switched-off", interfaces: [FIRST, SECOND] }]);
    expect(world.checked).toEqual({ [FIRST]: false, [SECOND]: false });
    expect(world.calls.filter((call) => call.startsWith("ec2:Modify"))).toHaveLength(1);
  });

  it("names action and interface when the role may not", async () => {
    const { run } = await machine(disable, {
      checked: { [FIRST]: true },
      denied: new Set(["ec2:ModifyNetworkInterfaceAttribute"]),
    });
    const { exitCode, all } = await run();
    expect([exitCode, all]).toEqual([
      1,
      expect.stringContaining(
        `Allow the instance's role ec2:ModifyNetworkInterfaceAttribute on arn:aws:ec2:eu-west-1:*:network-interface/${FIRST}.`,
      ),
    ]);
  });

  it("is not believed to be off because EC2 took the change", async () => {
    const { run } = await machine(disable, { checked: { [FIRST]: true }, stubborn: true });
    expect(await run()).toMatchObject({ exitCode: 1, all: expect.stringContaining("SOURCE_DEST_CHECK_ON") });
  });
});
