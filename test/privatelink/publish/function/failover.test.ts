import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { GroupWorld, startElbv2 } from "../../../aws/elbv2.ts";
import type { AwsServer } from "../../../aws/model/server.ts";
import { temporaryDirectory } from "../../../lib/support.ts";
import { Lambda, NameServer } from "./lambda.ts";

// Real time: the function looks each 5 s.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 30_000 });

const NAME = "orders.c1a2b3.us-east-1.rds.amazonaws.com";
const OLD = "10.0.1.10";
const NEW = "10.0.2.20";
/** Loopback addresses, for a real look at the port. */
const OPEN = "127.0.0.98";
const CLOSED = "127.0.0.99";
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

const MINUTE = { source: "aws.events", "detail-type": "Scheduled Event" };
const FAILOVER = {
  source: "aws.rds",
  "detail-type": "RDS DB Instance Event",
  detail: { EventCategories: ["failover"], SourceIdentifier: "orders", Message: "Multi-AZ instance failover started." },
};

let world: GroupWorld;
let elbv2: AwsServer;
let names: NameServer;
let lambda: Lambda;

/** What the template's role may do, and no more. */
const ROLE = (arn: string) => ({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
      Resource: arn,
    },
    { Effect: "Allow", Action: "elasticloadbalancing:DescribeTargetHealth", Resource: "*" },
  ],
});

beforeEach(async () => {
  const directory = await temporaryDirectory();
  world = new GroupWorld();
  world.policy = ROLE(world.arn);
  world.serving.add(OLD);
  elbv2 = await startElbv2(world);
  names = new NameServer(directory, NAME);
  await names.start([OLD]);
  lambda = new Lambda(directory, {
    RDS_ENDPOINT: NAME,
    RDS_PORT: "5432",
    TARGET_GROUP_ARN: world.arn,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: SECRET,
    AWS_ENDPOINT_URL: elbv2.url,
  });
  await lambda.deploy();
});

afterEach(async () => {
  await names.stop();
  await elbv2.stop();
  expect(elbv2.violations).toEqual([]);
});

const whats = (): string[] => world.changes.map(({ what }) => what);
const unserved = (): string[] => world.changes.filter(({ served }) => !served).map(({ what }) => what);

/** Watches that once a member serves, one always does: while the database itself serves. */
const watchService = () => {
  const gaps: number[] = [];
  const watch = setInterval(() => {
    if (world.serving.size > 0 && !world.serves) gaps.push(Date.now());
  }, 20);
  return { gaps, stop: () => clearInterval(watch) };
};

describe("the function as the template has it, with the real client and a real name server", () => {
  test("fills a new group, and leaves one in step alone", async () => {
    expect(await lambda.invoke(MINUTE)).toMatchObject({ exitCode: 0, stderr: "" });
    expect(world.members).toEqual([OLD]);
    await sleep(world.healthMs);
    const { lines } = await lambda.invoke(MINUTE);
    expect(lines).toEqual([{ time: expect.any(String), level: "info", event: "in-step", database: NAME, addresses: [OLD] }]);
    expect(whats()).toEqual([`register ${OLD}`]);
  });

  test("loses no target while Aurora fails over: the old writer serves on as a reader until the new one is healthy", async () => {
    world.register(OLD, 5432);
    const service = watchService();
    world.serving.add(NEW);
    const event = lambda.invoke(FAILOVER);
    await sleep(1500);
    await names.lead([NEW]);
    const [{ exitCode, lines }, minute] = await Promise.all([event, lambda.invoke(MINUTE)]);
    service.stop();
    expect([exitCode, minute.exitCode]).toEqual([0, 0]);
    expect(world.members).toEqual([NEW]);
    expect(whats()[0]).toBe(`register ${NEW}`);
    expect(unserved()).toEqual([]);
    expect(service.gaps).toEqual([]);
    expect(JSON.stringify([lines, minute.lines])).not.toContain(SECRET);
  });

  test("loses no target while a Multi-AZ instance fails over: the new one comes in before the dead one goes", async () => {
    world.register(OLD, 5432);
    await sleep(world.healthMs);
    world.serving.clear();
    const event = lambda.invoke(FAILOVER);
    await sleep(3000);
    // The database serves again, at its new address.
    await names.lead([NEW]);
    const { exitCode } = await event.finally(() => world.serving.add(NEW));
    expect(exitCode).toBe(0);
    expect(world.members).toEqual([NEW]);
    expect(whats()).toEqual([`register ${NEW}`, `deregister ${OLD}`]);
  });

  test("has both addresses while the name leads to two", async () => {
    await names.lead([OLD, NEW]);
    world.serving.add(NEW);
    await lambda.invoke(MINUTE);
    expect(world.members).toEqual([OLD, NEW]);
  });

  test("changes nothing when nobody answers for the name, and fails so that Lambda counts it", async () => {
    world.register(OLD, 5432);
    await names.stop();
    const { exitCode, lines, stderr } = await lambda.invoke(MINUTE);
    expect(exitCode).toBe(1);
    expect(lines).toEqual([
      expect.objectContaining({ level: "error", event: "pass-failed", message: expect.stringMatching(/E(TIMEOUT|CONNREFUSED)/) }),
    ]);
    expect(world.members).toEqual([OLD]);
    expect(`${JSON.stringify(lines)}${stderr}`).not.toContain(SECRET);
  });

  test("changes nothing when the name is unknown", async () => {
    world.register(OLD, 5432);
    await names.lead([]);
    const { exitCode, lines } = await lambda.invoke(MINUTE);
    expect(exitCode).toBe(1);
    expect(lines).toEqual([
      expect.objectContaining({ event: "pass-failed", message: expect.stringMatching(/ENOTFOUND|ENODATA/) }),
    ]);
    expect(world.members).toEqual([OLD]);
  });

  test("gets its work done when AWS limits it for a while", async () => {
    world.throttled.set("RegisterTargets", 2).set("DescribeTargetHealth", 1);
    expect(await lambda.invoke(MINUTE)).toMatchObject({ exitCode: 0 });
    expect(world.members).toEqual([OLD]);
  });

  test("keeps an address that AWS does not take from keeping the other out", async () => {
    await names.lead([NEW, "54.1.2.3"]);
    world.serving.add(NEW);
    const { exitCode, lines } = await lambda.invoke(MINUTE);
    expect(exitCode).toBe(1);
    expect(world.members).toEqual([NEW]);
    expect(lines).toContainEqual(
      expect.objectContaining({ event: "not-registered", addresses: ["54.1.2.3"], error: "InvalidTargetException" }),
    );
  });

  test("tells a database that can be reached from one that cannot, when nothing is healthy", async () => {
    const database = createServer().listen(5432, OPEN);
    await once(database, "listening");
    await names.lead([OPEN, CLOSED]);
    for (const address of [OPEN, CLOSED]) world.register(address, 5432);
    await sleep(world.healthMs);
    const { lines } = await lambda.invoke(MINUTE).finally(() => database.close());
    expect(lines).toContainEqual(
      expect.objectContaining({
        event: "nothing-healthy",
        states: { [OPEN]: "unhealthy", [CLOSED]: "unhealthy" },
        reached: { [OPEN]: true, [CLOSED]: false },
      }),
    );
    expect(world.members).toEqual([OPEN, CLOSED]);
  });

  test("is refused whatever its role does not allow", async () => {
    world.policy = { Version: "2012-10-17", Statement: [] };
    const { exitCode, lines } = await lambda.invoke(MINUTE);
    expect(exitCode).toBe(1);
    expect(lines).toContainEqual(
      expect.objectContaining({ event: "pass-failed", message: expect.stringContaining("not authorized") }),
    );
  });
});
