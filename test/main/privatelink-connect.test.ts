import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../agent/lib/clock.ts";
import { policyDocument } from "../../agent/privatelink/aws/policy.ts";
import { fill, KINESIS_SERVICE, ROUTE_TABLES, S3_SERVICE, SUBNET, VPC } from "../aws/sample.ts";
import { startAws } from "../aws/start.ts";
import { type StandInState, startPlatformApi } from "../lab/stand-in/platform-api.ts";
import { KVS, oldLink, PASSWORD, QUICK } from "../privatelink/heroku/support.ts";
import { below, gateway, spacegate, TOKEN, wire } from "./support.ts";

const ACCOUNT = "123456789012";
/** What nothing may say. */
const SECRETS = [TOKEN, PASSWORD, "secret-of-aws"];
const TO_REDIS = ["--app", "acme-app", "--addon", KVS.name];
const PLACE = ["--vpc", VPC, "--subnet", SUBNET.a, "--subnet", SUBNET.b, "--allow", "172.31.0.0/16"];

/** AWS and Heroku, who tell each other of endpoints; minutes are tenths of a second. */
const setup = async (changes: Partial<StandInState> = {}) => {
  const aws = await startAws(systemClock);
  fill(aws);
  Object.assign(aws.world.pace, { shown: 100, acceptance: 300, pending: 300, deleting: 300 });
  aws.world.policy = policyDocument({ account: ACCOUNT, region: "us-east-1", vpcIds: [VPC] });
  const links = { [KVS.name]: oldLink([ACCOUNT]) };
  const heroku = await startPlatformApi({
    state: { token: TOKEN, connections: {}, addons: [KVS], linkTimes: QUICK, links, ...changes },
  });
  aws.onCall = ({ action }) => {
    const made = aws.world.endpoints.at(-1);
    if (action !== "CreateVpcEndpoint" || !made) return;
    const body = {
      service_name: made.serviceName,
      endpoint_id: made.id,
      hostname: `${made.id}.example`,
      owner_arn: aws.world.callerArn,
    };
    void fetch(`${heroku.url}/stand-in/endpoints`, { method: "POST", body: JSON.stringify(body) });
  };
  onTestFinished(async () => {
    await Promise.all([heroku.close(), aws.server.stop()]);
  });
  const env = {
    ...{ HEROKU_HOST: heroku.url, HEROKU_DATA_HOST: heroku.url, HEROKU_API_KEY: TOKEN },
    ...{ AWS_ENDPOINT_URL: aws.server.url, AWS_REGION: "us-east-1", AWS_EC2_METADATA_DISABLED: "true" },
    ...{ AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret-of-aws" },
  };
  const run = (args: readonly string[], secrets = SECRETS) => spacegate(["privatelink", ...args], env, secrets);
  const connect = (...args: string[]) => run(["connect", ...args, "--poll", "100ms"]);
  return { aws, env, run, connect };
};

describe("spacegate privatelink connect", () => {
  it("goes from a data service to its connection string, and back", async () => {
    const { aws, run, connect } = await setup();
    const made = await connect(...TO_REDIS, ...PLACE);
    const id = aws.world.endpoints[0]?.id ?? "";
    expect([made.exitCode, made.stderr]).toEqual([0, expect.stringContaining("AWS: create the Interface endpoint")]);
    expect(made.stdout).toContain(`redis-kvs-12345: ${id} is available`);
    expect(made.stdout).toContain(
      `Read it with: heroku config:get REDIS_ENDPOINT_${id.slice(5).toUpperCase()}_URL --app acme-app`,
    );
    const again = await run(["connect", ...TO_REDIS, ...PLACE, "--json", "--show-url", "--poll", "100ms"], [TOKEN]);
    expect(JSON.parse(again.stdout)).toMatchObject({
      name: "redis-kvs-12345",
      endpoint_id: id,
      state: "available",
      port: 6379,
      config_vars: [{ url: expect.stringContaining(PASSWORD) }],
    });
    expect(aws.world.endpoints).toHaveLength(1);
    const gone = await run(["disconnect", KVS.name, "--confirm", KVS.name, "--poll", "100ms", "--json"]);
    expect([gone.exitCode, JSON.parse(gone.stdout)]).toMatchObject([
      0,
      { name: KVS.name, deleted: [`delete ${id}`, expect.stringContaining("group")] },
    ]);
    expect([aws.world.livingEndpoints, aws.world.groups, aws.server.violations]).toEqual([[], [], []]);
  });

  it("connects to services by their names, through interfaces and routes", async () => {
    const { aws, connect } = await setup();
    const kinesis = await connect("--service-name", KINESIS_SERVICE, ...PLACE, "--private-dns", "--json");
    expect(JSON.parse(kinesis.stdout)).toMatchObject({ name: "kinesis-streams", private_dns: true, port: 443, config_vars: [] });
    const route = ROUTE_TABLES.flatMap((table) => ["--route-table", table]);
    const s3 = await connect("--service-name", S3_SERVICE, "--type", "gateway", "--vpc", VPC, ...route);
    expect([s3.exitCode, s3.stdout]).toEqual([0, expect.stringContaining(`route tables  ${ROUTE_TABLES.join(", ")}`)]);
    expect(aws.server.violations).toEqual([]);
  });

  it("takes the add-on where the other subcommands have it", async () => {
    const { aws, connect } = await setup();
    const { exitCode, stdout } = await connect(KVS.name, "--app", "acme-app", ...PLACE, "--no-wait");
    expect([exitCode, stdout, aws.world.livingEndpoints.length]).toEqual([
      0,
      expect.stringMatching(/^redis-kvs-12345: vpce-/),
      1,
    ]);
  });

  it("takes what the settings declare, and options before that", async () => {
    const { aws, run } = await setup();
    const link = {
      name: "orders",
      service: KINESIS_SERVICE,
      region: "us-east-1",
      vpc: VPC,
      subnets: [SUBNET.a],
      allowed_cidrs: ["10.1.0.0/16"],
    };
    const where = below(await gateway(wire(), { privatelinks: [link] }));
    const made = await run(["connect", "orders", ...where, "--allow", "10.2.0.0/16", "--poll", "100ms", "--json"]);
    expect(JSON.parse(made.stdout)).toMatchObject({ name: "orders", subnets: [SUBNET.a] });
    expect(
      aws.world.groups.flatMap(({ rules }) => rules.flatMap(({ CidrIpv4, IsEgress }) => (IsEgress ? [] : CidrIpv4))),
    ).toEqual(["10.2.0.0/16"]);
    const gone = await run(["disconnect", "orders", ...where, "--confirm", "orders", "--poll", "100ms"]);
    expect(gone.stdout).toContain("The settings declare it: a running agent makes it anew");
  });

  it.each([
    [PLACE, /^--app and --addon, or --service-name is missing/m],
    [TO_REDIS, /^--vpc is missing/m],
    [[...TO_REDIS, "--vpc", VPC, "--allow", "172.31.0.0/16"], /^--subnet is missing/m],
    [[...TO_REDIS, "--vpc", VPC, "--subnet", SUBNET.a], /^--allow is missing/m],
    [["--service-name", S3_SERVICE, "--type", "gateway", "--vpc", VPC], /^--route-table is missing/m],
  ])("%j without a terminal is 2 and names what is missing", async (args, words) => {
    const { connect, aws } = await setup();
    const { exitCode, stderr } = await connect(...args);
    expect([exitCode, aws.server.calls]).toEqual([2, []]);
    expect(stderr).toMatch(words);
  });

  it.each([
    [[...TO_REDIS, ...PLACE, "--allow", "0.0.0.0/0"], /--allow would let everybody in/],
    [[...TO_REDIS, "--vpc", "x", "--subnet", SUBNET.a, "--allow", "172.31.0.0/16"], /--vpc must be an id of AWS's/],
    [[...TO_REDIS, ...PLACE, "--type", "gateway"], /type gateway is for S3 and DynamoDB/],
    [[...TO_REDIS, ...PLACE, "--policy", "/nonexistent"], /--policy: ENOENT/],
  ])("%j is refused before AWS is asked", async (args, words) => {
    const { connect, aws } = await setup();
    const { exitCode, stderr } = await connect(...args);
    expect([exitCode, aws.server.calls]).toEqual([1, []]);
    expect(stderr).toMatch(words);
  });

  it("names what the credentials lack, and how to go on", async () => {
    const { connect, aws } = await setup();
    aws.world.policy = { Version: "2012-10-17", Statement: [] };
    const { exitCode, stderr } = await connect(...TO_REDIS, ...PLACE);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("sts:GetCallerIdentity");
    expect(stderr).toContain("spacegate privatelink policy");
    expect(stderr).toMatch(
      /The same command goes on from there: spacegate privatelink connect --app acme-app.*\n\(AWS_FORBIDDEN\)/,
    );
  });

  it("ends after its time with 1 and what was seen last; what has begun goes on", async () => {
    const { connect, aws } = await setup();
    aws.world.pace.acceptance = 3_600_000;
    const { exitCode, stderr } = await connect(...TO_REDIS, ...PLACE, "--timeout", "1s");
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/Last seen: Waiting for the provider to accept vpce-.*\(PRIVATELINK_TIMEOUT\)/s),
    ]);
    expect(aws.world.livingEndpoints).toHaveLength(1);
  });
});

describe("spacegate privatelink disconnect", () => {
  it.each([
    [["*"], /It must be a link's name/],
    [[KVS.name, "--vpc", "vpc"], /It must be a VPC's id/],
    [[KVS.name, "--region", "us-east"], /It must be a region/],
  ])("%j could not be found, and is refused in place of being called gone", async (args, words) => {
    const { aws, run } = await setup();
    const { exitCode, stderr } = await run(["disconnect", ...args, "--confirm", args[0] ?? ""]);
    expect([exitCode, aws.server.calls]).toEqual([2, []]);
    expect(stderr).toMatch(words);
  });

  it("says where it has looked when there is nothing", async () => {
    const { run } = await setup();
    const { exitCode, stdout } = await run(["disconnect", KVS.name, "--confirm", KVS.name]);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^Nothing in us-east-1 bears the tag of redis-kvs-12345/)]);
  });

  it("deletes nothing without the name as confirmation", async () => {
    const { aws, run, connect } = await setup();
    await connect(...TO_REDIS, ...PLACE, "--no-wait");
    const [unasked, wrong] = [await run(["disconnect", KVS.name]), await run(["disconnect", KVS.name, "--confirm", "other"])];
    expect([unasked.exitCode, wrong.exitCode]).toEqual([2, 1]);
    expect(aws.world.livingEndpoints).toHaveLength(1);
  });
});

describe("spacegate privatelink policy", () => {
  it("prints the policy that the other commands are held to here, without asking anybody", async () => {
    const { aws, run } = await setup();
    const { exitCode, stdout } = await run(["policy", "--account", ACCOUNT, "--region", "us-east-1", "--vpc", VPC]);
    expect([exitCode, JSON.parse(stdout)]).toEqual([0, aws.world.policy]);
    expect(aws.server.calls).toEqual([]);
    expect((await run(["policy", "--account", "1"])).exitCode).toBe(2);
  });
});
