import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import type { AwsServer } from "../../aws/model/server.ts";
import { type PublishWorld, startPublish } from "../../aws/publish.ts";
import { MAIN, spacegate } from "../../main/support.ts";
import { account, awsEnvironment, DATABASE_GROUP, FUNCTION_GROUP, SECRET, SUBNET, VPC, WANTED } from "./support.ts";
import { TEMPLATE_PATH } from "./template.ts";

const DATABASE = ["--endpoint", WANTED.endpoint, "--vpc", VPC, "--subnet", SUBNET, "--security-group", FUNCTION_GROUP];
const COMMAND = ["privatelink", "publish-rds", "--stack", "publish-orders", ...DATABASE, "--partner-account", "210987654321"];
const QUICK = ["--poll", "20ms"];

const stand = async (world: PublishWorld = account()): Promise<{ world: PublishWorld; server: AwsServer }> => {
  const server = await startPublish(world);
  onTestFinished(async () => {
    await server.stop();
    expect(server.violations).toEqual([]);
  });
  return { world, server };
};

/** Fails when an output has the secret key in it. */
const run = (args: readonly string[], server?: AwsServer) => spacegate(args, server ? awsEnvironment(server.url) : {}, [SECRET]);

describe("spacegate privatelink publish-rds", () => {
  test("publishes, and tells what to send to the partner; a second run finds nothing to change", async () => {
    const { server } = await stand();
    const first = await run([...COMMAND, ...QUICK, "--yes"], server);
    expect(first.stderr).toContain("add      EndpointService: VPC endpoint service, without acceptance");
    expect(first).toMatchObject({ exitCode: 0 });
    expect(first.stdout.split("\n")).toEqual([
      "The stack publish-orders is CREATE_COMPLETE.",
      "",
      "Tell the partner, AWS account 210987654321:",
      "  service name  com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f60718",
      "  region        us-east-1",
      "  zone ids      use1-az4  (here: us-east-1a)",
      "  port          5432",
      "  The partner makes an interface endpoint to it in one of these zones; it needs no acceptance.",
      "",
      "The function publish-orders brings the database's addresses in within a minute. Its log: /aws/lambda/publish-orders",
    ]);
    const second = await run([...COMMAND, ...QUICK, "--json"], server);
    expect([second.exitCode, second.stderr]).toEqual([0, expect.not.stringContaining("would change")]);
    expect(JSON.parse(second.stdout)).toEqual({
      stack: "publish-orders",
      status: "CREATE_COMPLETE",
      changed: false,
      region: "us-east-1",
      port: 5432,
      partner_account: "210987654321",
      service_name: "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f60718",
      availability_zones: ["us-east-1a"],
      availability_zone_ids: ["use1-az4"],
      function_name: "publish-orders",
    });
  });

  test("changes nothing without --yes where nobody can be asked", async () => {
    const { world, server } = await stand();
    const { exitCode, stderr } = await run([...COMMAND, ...QUICK], server);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/Nothing was changed\.\nAdd --yes\.\n\(OPTION_MISSING\)$/);
    expect(world.stacks.stacks).toEqual([]);
  });

  test("tells why a stack was rolled back", async () => {
    const { world, server } = await stand();
    world.stacks.failing = { id: "FunctionRole", reason: "Role with name spacegate-us-east-1-publish-orders already exists." };
    const { exitCode, stderr } = await run([...COMMAND, ...QUICK, "--yes"], server);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      "What failed first: FunctionRole CREATE_FAILED: Role with name spacegate-us-east-1-publish-orders already exists.",
    );
    expect(stderr).toContain("(PUBLISH_FAILED)");
  });

  test("shows the rules that are missing, and adds them only when it is told to", async () => {
    const { world, server } = await stand();
    world.group(DATABASE_GROUP).IpPermissions = [];
    const refused = await run([...COMMAND, ...QUICK, "--yes"], server);
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining("--fix-security-groups")]);
    expect(world.group(DATABASE_GROUP).IpPermissions).toEqual([]);
    const { exitCode } = await run([...COMMAND, ...QUICK, "--yes", "--fix-security-groups"], server);
    expect(exitCode).toBe(0);
    expect(world.group(DATABASE_GROUP).IpPermissions).toHaveLength(2);
  });

  test("ends with 130 on Ctrl-C and leaves CloudFormation at work", async () => {
    const { world, server } = await stand();
    world.stacks.pace.resource = 2000;
    const env = { PATH: process.env.PATH, HOME: "/nonexistent", ...awsEnvironment(server.url) };
    const child = spawn(process.execPath, [MAIN, ...COMMAND, ...QUICK, "--yes"], { env, stdio: ["ignore", "pipe", "pipe"] });
    const said = text(child.stderr);
    while (!server.actions.includes("DescribeStackEvents")) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill("SIGINT");
    await once(child, "exit");
    expect(child.exitCode).toBe(130);
    expect(await said).toMatch(
      /Stopped\. CloudFormation goes on with the stack publish-orders\.\nRun the same command again to follow it/,
    );
    expect(server.actions).not.toContain("DeleteStack");
  });

  test.each([
    ["--stack", ["privatelink", "publish-rds", ...DATABASE, "--partner-account", "210987654321"]],
    ["--partner-account", ["privatelink", "publish-rds", "--stack", "publish-orders", ...DATABASE]],
  ])("says that %s is missing", async (option, args) => {
    const { exitCode, stderr } = await run(args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${option} is missing`)]);
  });

  test("prints the template as it is deployed", async () => {
    const { exitCode, stdout } = await run(["privatelink", "publish-rds", "--print-template"]);
    expect(exitCode).toBe(0);
    expect(`${stdout}\n`).toBe(await readFile(TEMPLATE_PATH, "utf8"));
  });
});
