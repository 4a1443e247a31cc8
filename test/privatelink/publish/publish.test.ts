import { describe, expect, test, vi } from "vitest";
import { publish } from "../../../agent/privatelink/publish/publish.ts";
import { account, DATABASE_GROUP, failureOf, made, SECRET, stage, WANTED } from "./support.ts";

// AWS's client waits before it repeats what was limited.
vi.setConfig({ testTimeout: 60_000 });

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
