import { describe, expect, test, vi } from "vitest";
import { publish } from "../../../agent/privatelink/publish/publish.ts";
import type { PublishWanted } from "../../../agent/privatelink/publish/wanted.ts";
import { AwsFault } from "../../aws/model/server.ts";
import {
  account,
  CLOSED_SUBNET,
  DATABASE_GROUP,
  FUNCTION_GROUP,
  failureOf,
  made,
  PUBLIC_SUBNET,
  STANDBY_SUBNET,
  SUBNET,
  stage,
  WANTED,
} from "./support.ts";

// AWS's client waits before it repeats what was limited.
vi.setConfig({ testTimeout: 60_000 });

describe("before CloudFormation is asked for anything", () => {
  test.each<[string, Partial<PublishWanted>, string]>([
    ["a subnet in another zone", { subnetIds: [STANDBY_SUBNET] }, `Give one in us-east-1a, such as ${SUBNET}`],
    [
      "a subnet with a route to the internet gateway only",
      { subnetIds: [PUBLIC_SUBNET] },
      "igw-0a1b2c3d4e5f60718, which a function cannot use",
    ],
    [
      "a subnet with the VPC's main route table only",
      { subnetIds: [SUBNET, CLOSED_SUBNET] },
      `${CLOSED_SUBNET} has no route to the internet`,
    ],
    [
      "a database that RDS does not have",
      { endpoint: "order.c1a2b3.us-east-1.rds.amazonaws.com" },
      "RDS has no DB instance order in us-east-1",
    ],
    ["a cluster that RDS does not have", { rdsType: "cluster" }, "RDS has no DB cluster orders in us-east-1"],
    ["a VPC that is not the database's", { vpcId: "vpc-0dead0000" }, `which is ${WANTED.vpcId}`],
  ])("%s is refused, with what would be right", async (_what, wanted, problem) => {
    const on = await stage();
    expect(await failureOf(publish({ ...WANTED, ...wanted }, await on.deps()))).toMatchObject({
      code: "PUBLISH_REFUSED",
      message: expect.stringContaining(problem),
    });
    expect(on.server.actions.filter((action) => !action.startsWith("Describe"))).toEqual([]);
  });

  const clustered = () => {
    const world = account();
    const member = (DBInstanceIdentifier: string, AvailabilityZone: string) => ({
      DBInstanceIdentifier,
      AvailabilityZone,
      DBClusterIdentifier: "shop",
      DBSubnetGroup: { VpcId: WANTED.vpcId },
    });
    world.instances.push(member("shop-1", "us-east-1b"), member("shop-2", "us-east-1a"));
    world.clusters.push({
      DBClusterIdentifier: "shop",
      Status: "available",
      Endpoint: "shop.cluster-c1a2b3.us-east-1.rds.amazonaws.com",
      ReaderEndpoint: "shop.cluster-ro-c1a2b3.us-east-1.rds.amazonaws.com",
      Port: 5432,
      DBClusterMembers: [
        { DBInstanceIdentifier: "shop-1", IsClusterWriter: false },
        { DBInstanceIdentifier: "shop-2", IsClusterWriter: true },
      ],
      VpcSecurityGroups: [{ VpcSecurityGroupId: DATABASE_GROUP, Status: "active" }],
    });
    return world;
  };

  test("a cluster is where its writer is, and its readers' zones are told of", async () => {
    const on = await stage(clustered());
    const wanted = { ...WANTED, rdsType: "cluster", endpoint: "shop.cluster-c1a2b3.us-east-1.rds.amazonaws.com" } as const;
    expect((await publish(wanted, await on.deps())).stack.status).toBe("CREATE_COMPLETE");
    expect(on.said[0]).toContain("A failover may take shop to us-east-1b, where the load balancer has no subnet");
  });

  test("a cluster's reader endpoint is refused: its address changes all the time", async () => {
    const on = await stage(clustered());
    const wanted = { ...WANTED, rdsType: "cluster", endpoint: "shop.cluster-ro-c1a2b3.us-east-1.rds.amazonaws.com" } as const;
    const error = await failureOf(publish(wanted, await on.deps()));
    expect(error.message).toContain("Give the cluster's own: shop.cluster-c1a2b3.us-east-1.rds.amazonaws.com");
  });
});

describe("a change set", () => {
  test("that CloudFormation cannot make is told with its reason, and nothing stays behind", async () => {
    const on = await stage();
    on.world.stacks.unmakeable = "Transform AWS::Colour failed";
    expect(await failureOf(publish(WANTED, await on.deps()))).toMatchObject({
      code: "PUBLISH_FAILED",
      message: "CloudFormation made no change set: Transform AWS::Colour failed",
      fix: expect.stringContaining("Nothing was changed."),
    });
    expect(on.world.stacks.stacks).toEqual([]);
  });

  test("that takes too long is given up, with what was seen last", async () => {
    const on = await stage();
    on.world.stacks.pace.changeSet = 60_000;
    expect(await failureOf(publish(WANTED, await on.deps({ timeoutMs: 300 })))).toMatchObject({
      code: "PUBLISH_TIMEOUT",
      message: expect.stringContaining("the change set is CREATE_PENDING"),
      fix: expect.not.stringContaining("heroku"),
    });
    expect(on.world.stacks.stacks).toEqual([]);
  });

  test("that is carried out for longer than --timeout goes on, and the message says how to follow it", async () => {
    const on = await stage();
    on.world.stacks.pace.resource = 60_000;
    expect(await failureOf(publish(WANTED, await on.deps({ timeoutMs: 1000 })))).toMatchObject({
      code: "PUBLISH_TIMEOUT",
      message: expect.stringMatching(/0 of 13 resources done.*\nCloudFormation goes on with the stack publish-orders\.$/),
      fix: expect.stringContaining("Run the same command again to follow it"),
    });
    expect(made(on)).toEqual(["CREATE_IN_PROGRESS"]);
  });
});

describe("the database's security group", () => {
  const closed = () => {
    const world = account();
    world.group(DATABASE_GROUP).IpPermissions = [];
    return world;
  };
  const RULES = [
    `${DATABASE_GROUP}: allow TCP 5432 from 10.0.1.0/24 (addresses of the load balancer in ${WANTED.subnetIds[0]})`,
    `${DATABASE_GROUP}: allow TCP 5432 from ${FUNCTION_GROUP} (the function, which tells what it reaches)`,
  ];

  test("that lets nobody in is refused with the exact rules, before a change set", async () => {
    const on = await stage(closed());
    const error = await failureOf(publish(WANTED, await on.deps()));
    expect(error).toMatchObject({ code: "PUBLISH_REFUSED", fix: expect.stringContaining("--fix-security-groups") });
    for (const rule of RULES) expect(error.message).toContain(rule);
    expect(on.server.actions).not.toContain("AuthorizeSecurityGroupIngress");
    expect(on.server.actions).not.toContain("CreateChangeSet");
  });

  test.each<[string, object]>([
    ["with --fix-security-groups", { fixRules: true }],
    ["on a yes at the terminal", { ask: async () => true }],
  ])("gets these rules, and no others, %s", async (_how, changed) => {
    const on = await stage(closed());
    await publish(WANTED, await on.deps(changed));
    expect(on.said).toEqual(expect.arrayContaining(RULES.map((rule) => `  added: ${rule}`)));
    expect(on.world.group(DATABASE_GROUP).IpPermissions).toEqual([
      { IpProtocol: "tcp", FromPort: 5432, ToPort: 5432, IpRanges: [{ CidrIp: "10.0.1.0/24", Description: expect.any(String) }] },
      {
        IpProtocol: "tcp",
        FromPort: 5432,
        ToPort: 5432,
        UserIdGroupPairs: [{ GroupId: FUNCTION_GROUP, Description: expect.any(String) }],
      },
    ]);
    const again = on.server.actions.length;
    await publish(WANTED, await on.deps(changed));
    expect(on.server.actions.slice(again)).not.toContain("AuthorizeSecurityGroupIngress");
  });
});

describe("AWS's refusals", () => {
  test("name the action that the credentials may not do", async () => {
    const world = account();
    world.stacks.policy = { Version: "2012-10-17", Statement: [] };
    const on = await stage(world);
    expect(await failureOf(publish(WANTED, await on.deps()))).toMatchObject({
      code: "AWS_FORBIDDEN",
      message: expect.stringContaining("rds:DescribeDBInstances"),
    });
  });

  test("of a template take nothing along", async () => {
    const on = await stage();
    const template =
      "AWSTemplateFormatVersion: '2010-09-09'\nResources: { A: { Type: 'AWS::EC2::VPCEndpointService', Properties: { Colour: red } } }";
    const error = await failureOf(publish(WANTED, await on.deps({ template })));
    expect(error).toMatchObject({ code: "AWS_REFUSED", message: expect.stringContaining("cloudformation:CreateChangeSet") });
    expect(on.world.stacks.stacks).toEqual([]);
    expect(error).not.toBeInstanceOf(AwsFault);
  });
});
