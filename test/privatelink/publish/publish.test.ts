import { describe, expect, test, vi } from "vitest";
import { publish } from "../../../agent/privatelink/publish/publish.ts";
import type { PublishWanted } from "../../../agent/privatelink/publish/wanted.ts";
import { AwsFault } from "../../aws/model/server.ts";
import {
  account,
  CLOSED_SUBNET,
  DATABASE_GROUP,
  FUNCTION_GROUP,
  PUBLIC_SUBNET,
  SECRET,
  STANDBY_SUBNET,
  type Stage,
  SUBNET,
  stage,
  WANTED,
} from "./support.ts";

// AWS's client waits before it repeats what was limited.
vi.setConfig({ testTimeout: 60_000 });

/** Rejects the test unless it fails. */
const failureOf = async (flow: Promise<unknown>): Promise<{ code: string; message: string; fix: string }> =>
  flow.then(
    () => {
      throw new Error("It did not fail");
    },
    (thrown) => thrown as { code: string; message: string; fix: string },
  );

const made = ({ world }: Stage): string[] => world.stacks.stacks.map((one) => world.stacks.statusOf(one));

describe("publishing a database for the first time", () => {
  test("shows what would be made, makes it, and tells each resource until the stack is complete", async () => {
    const on = await stage();
    const { stack, changes } = await publish(WANTED, await on.deps());
    expect(stack.status).toBe("CREATE_COMPLETE");
    expect(stack.outputs).toEqual({
      EndpointServiceName: "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f60718",
      AvailabilityZones: "us-east-1a",
      AvailabilityZoneIds: "use1-az4",
      FunctionName: "publish-orders",
    });
    expect(changes).toHaveLength(13);
    expect(on.said.slice(0, 4)).toEqual([
      "The stack publish-orders in us-east-1 would change so:",
      "  add      LoadBalancer: internal Network Load Balancer",
      "  add      TargetGroup: the database's addresses, for the load balancer",
      "  add      Listener: TCP listener on the database's port",
    ]);
    expect(on.said.join("\n")).toContain("CAPABILITY_NAMED_IAM");
    const done = on.said.filter((line) => line.endsWith("CREATE_COMPLETE"));
    expect(done).toHaveLength(14);
    expect(done.at(-1)).toBe("  publish-orders CREATE_COMPLETE");
    expect(on.shown).toContainEqual(expect.stringMatching(/of 13 resources done; at work on/));
    expect([...on.said, ...on.shown].join("\n")).not.toContain(SECRET);
  });

  test("waits for what AWS does not show yet", async () => {
    const world = account();
    world.stacks.pace.shown = 1500;
    const on = await stage(world);
    expect((await publish(WANTED, await on.deps())).stack.status).toBe("CREATE_COMPLETE");
    expect(on.shown).toEqual(
      expect.arrayContaining(["the change set cannot be seen yet", "CloudFormation does not show the stack yet"]),
    );
  });

  test("goes through AWS's limits and pages", async () => {
    const world = account();
    world.stacks.pageSize = 3;
    for (const action of ["CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet", "DescribeStackEvents"])
      world.stacks.throttled.set(action, 2);
    const on = await stage(world);
    expect((await publish(WANTED, await on.deps())).stack.status).toBe("CREATE_COMPLETE");
    expect(on.said.filter((line) => line.endsWith("CREATE_COMPLETE"))).toHaveLength(14);
  });

  test("asks first, and leaves nothing behind when the answer is no", async () => {
    const on = await stage();
    const questions: string[] = [];
    const ask = async (question: string) => questions.push(question) > 1;
    expect(await failureOf(publish(WANTED, await on.deps({ yes: false, ask })))).toMatchObject({ code: "PUBLISH_REFUSED" });
    expect(questions).toEqual(["Carry this out?"]);
    expect(on.server.actions).not.toContain("ExecuteChangeSet");
    expect(on.world.stacks.stacks).toEqual([]);
  });

  test("needs --yes where nobody can be asked, and leaves nothing behind", async () => {
    const on = await stage();
    expect(await failureOf(publish(WANTED, await on.deps({ yes: false })))).toMatchObject({
      code: "OPTION_MISSING",
      fix: "Add --yes.",
    });
    expect(on.world.stacks.stacks).toEqual([]);
  });

  test("tells the first resource that failed, not those that were cancelled because of it", async () => {
    const on = await stage();
    on.world.stacks.failing = {
      id: "LoadBalancer",
      reason: "You have reached the maximum number of load balancers (AWS::ElasticLoadBalancingV2 quota)",
    };
    const error = await failureOf(publish(WANTED, await on.deps()));
    expect(error).toMatchObject({
      code: "PUBLISH_FAILED",
      message: expect.stringContaining(
        "ROLLBACK_COMPLETE. What failed first: LoadBalancer CREATE_FAILED: You have reached the maximum",
      ),
      fix: expect.stringContaining("aws cloudformation delete-stack --stack-name publish-orders --region us-east-1"),
    });
    expect(error.message).not.toContain("cancelled");
    expect(on.said.join("\n")).toContain("cancelled");
  });

  test("explains a stack that can only be deleted, and makes no change set", async () => {
    const on = await stage();
    on.world.stacks.failing = { id: "Function", reason: "no" };
    await failureOf(publish(WANTED, await on.deps()));
    const before = on.server.actions.length;
    expect(await failureOf(publish(WANTED, await on.deps()))).toMatchObject({
      code: "PUBLISH_REFUSED",
      message: expect.stringContaining("is in ROLLBACK_COMPLETE: its first creation failed"),
      fix: expect.stringContaining("delete-stack"),
    });
    expect(on.server.actions.slice(before)).not.toContain("CreateChangeSet");
  });
});

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

describe("a stack that is there", () => {
  const published = async () => {
    const on = await stage();
    await publish(WANTED, await on.deps());
    on.said.length = 0;
    return on;
  };

  test("is left alone when nothing is to be changed, and no change set stays behind", async () => {
    const on = await published();
    const { stack, changes } = await publish(WANTED, await on.deps());
    expect([stack.status, changes]).toEqual(["CREATE_COMPLETE", []]);
    expect(stack.outputs.EndpointServiceName).toContain("vpce-svc-");
    expect(on.server.actions.at(-1)).toBe("DeleteChangeSet");
    expect(on.world.stacks.stacks[0]?.changeSets).toEqual([]);
    expect(on.said).toEqual([]);
  });

  test("is updated, with replacements in words and only its own events told", async () => {
    const on = await published();
    on.world.instances[0] = { ...on.world.instances[0], Endpoint: { Address: WANTED.endpoint, Port: 5433 } };
    on.world.group(DATABASE_GROUP).IpPermissions?.push({ IpProtocol: "-1", IpRanges: [{ CidrIp: "10.0.0.0/16" }] });
    const { stack } = await publish({ ...WANTED, port: 5433, partnerAccount: "999999999999" }, await on.deps());
    expect(stack.status).toBe("UPDATE_COMPLETE");
    expect(on.said).toContain(
      "  REPLACE  TargetGroup: the database's addresses, for the load balancer (Port) - connections end; the new one is filled within a minute",
    );
    expect(on.said).toContain(
      "  modify   EndpointServicePermissions: who may connect: the partner's account only (AllowedPrincipals)",
    );
    expect(on.said).toContain("Something that is in use now goes away by this: see above.");
    expect(on.said.join("\n")).not.toContain("CREATE_COMPLETE");
  });

  test("is told of when its update was taken back", async () => {
    const on = await published();
    on.world.stacks.failing = { id: "EndpointServicePermissions", reason: "Invalid principal" };
    expect(await failureOf(publish({ ...WANTED, partnerAccount: "999999999999" }, await on.deps()))).toMatchObject({
      code: "PUBLISH_FAILED",
      message:
        "The stack publish-orders ended in UPDATE_ROLLBACK_COMPLETE. What failed first: EndpointServicePermissions UPDATE_FAILED: Invalid principal",
      fix: expect.stringContaining("describe-stack-events"),
    });
  });

  test("is not touched when it publishes no database", async () => {
    const on = await published();
    const [stack] = on.world.stacks.stacks;
    if (stack) stack.description = "The shop";
    expect(await failureOf(publish(WANTED, await on.deps()))).toMatchObject({
      code: "PUBLISH_REFUSED",
      message: expect.stringContaining("publishes no database"),
    });
    expect(on.server.actions.filter((action) => action === "CreateChangeSet")).toHaveLength(1);
  });
});

describe("Ctrl-C", () => {
  test("leaves a running stack to CloudFormation and says how to follow it; the same command does", async () => {
    const on = await stage();
    on.world.stacks.pace.resource = 150;
    const stop = new AbortController();
    const running = failureOf(publish(WANTED, await on.deps({ signal: stop.signal })));
    while (!on.server.actions.includes("ExecuteChangeSet")) await new Promise((resolve) => setTimeout(resolve, 5));
    setTimeout(() => stop.abort(), 100);
    expect(await running).toMatchObject({
      code: "INTERRUPTED",
      message: "Stopped. CloudFormation goes on with the stack publish-orders.",
      fix: expect.stringContaining("aws cloudformation describe-stack-events --stack-name publish-orders --region us-east-1"),
    });
    expect(made(on)).toEqual(["CREATE_IN_PROGRESS"]);
    const { stack, changes } = await publish(WANTED, await on.deps());
    expect([stack.status, changes]).toEqual(["CREATE_COMPLETE", []]);
    expect(on.said).toContainEqual(expect.stringContaining("in motion already (CREATE_IN_PROGRESS): following that first."));
  });

  test("at the question takes the change set away again", async () => {
    const on = await stage();
    const stop = new AbortController();
    const ask = async () => {
      stop.abort();
      throw stop.signal.reason;
    };
    expect(await failureOf(publish(WANTED, await on.deps({ yes: false, ask, signal: stop.signal })))).toMatchObject({
      code: "INTERRUPTED",
      message: "Stopped. Nothing was changed.",
    });
    expect(on.world.stacks.stacks).toEqual([]);
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
