import { describe, expect, it } from "vitest";
import { awsError } from "../../../agent/lib/aws-error.ts";
import { type Endpoint, LINK_TAG } from "../../../agent/model/privatelink.ts";
import type { EndpointRequest, LinkGroup, LinkStep } from "../../../agent/model/privatelink-plan.ts";
import { applyLinkStep } from "../../../agent/privatelink/apply/executors.ts";
import type { LinkApplyDeps, LinkLookup, LinkWriter } from "../../../agent/privatelink/apply/seams.ts";
import { REDIS_SERVICE, SUBNET, VPC } from "../../aws/sample.ts";
import { ManualClock } from "../../lib/support.ts";
import { endpoint, GROUP, group } from "../plan/support.ts";

const refused = (awsCode: string) => awsError(Object.assign(new Error("words"), { name: awsCode }), "ec2:X");

const request: EndpointRequest = {
  linkName: "redis",
  account: "123456789012",
  region: "us-east-1",
  type: "Interface",
  vpcId: VPC,
  serviceName: REDIS_SERVICE,
  subnetIds: [SUBNET.a],
  securityGroupIds: [GROUP],
  routeTableIds: [],
  privateDns: false,
  tags: { [LINK_TAG]: "redis" },
};

/** Writes what it is asked for into `log`; what is in `answers` is thrown or returned in order, call by call. */
const desk = (answers: Partial<Record<keyof LinkWriter | keyof LinkLookup, unknown[]>> = {}) => {
  const log: string[] = [];
  const clock = new ManualClock();
  const take = async <T>(name: keyof typeof answers, text: string, otherwise: T): Promise<T> => {
    log.push(`${name} ${text}`.trim());
    const [answer] = answers[name]?.splice(0, 1) ?? [];
    if (answer instanceof Error) throw answer;
    return answer === undefined ? otherwise : (answer as T);
  };
  const writer: LinkWriter = {
    createGroup: ({ name }) => take<LinkGroup>("createGroup", name, group({ ingress: [] })),
    authorize: (_id, port, cidrs) => take("authorize", `${port} ${cidrs.join()}`, undefined),
    revoke: (_id, rules) => take("revoke", rules.join(), undefined),
    createEndpoint: (_asked, token) => take<Endpoint>("createEndpoint", token.slice(0, 4), endpoint({ createdAt: clock.now() })),
    modifyEndpoint: (id) => take("modifyEndpoint", id, undefined),
    deleteEndpoint: (id) => take("deleteEndpoint", id, undefined),
    deleteGroup: (id) => take("deleteGroup", id, undefined),
  };
  const reader: LinkLookup = {
    endpoint: (id) => take<Endpoint | undefined>("endpoint", id, undefined),
    ofLink: (name) => take<readonly Endpoint[]>("ofLink", name, []),
    group: (_vpc, name) => take<LinkGroup | undefined>("group", name, undefined),
  };
  const deps: LinkApplyDeps = { writer, reader, clock, signal: new AbortController().signal };
  const names = () => log.map((line) => line.split(" ")[0]);
  return { log, names, clock, apply: (step: LinkStep) => applyLinkStep(step, deps) };
};

const create: LinkStep = { kind: "create-endpoint", request };

describe("making an endpoint", () => {
  it("asks under the same token whoever asks, and whatever can be changed later", async () => {
    const [first, second] = [desk(), desk()];
    await first.apply(create);
    await second.apply({
      kind: "create-endpoint",
      request: { ...request, subnetIds: [SUBNET.b], privateDns: true, policy: "{}", tags: {} },
    });
    expect(first.log).toEqual(second.log);
  });

  it.each([
    ["linkName", "other"],
    ["account", "999999999999"],
    ["region", "eu-west-1"],
    ["vpcId", "vpc-0f"],
    ["serviceName", "com.amazonaws.us-east-1.kms"],
    ["type", "Gateway"],
  ])("asks under another token for another %s", async (key, value) => {
    const [first, second] = [desk(), desk()];
    await first.apply(create);
    await second.apply({ kind: "create-endpoint", request: { ...request, [key]: value } });
    expect(first.log).not.toEqual(second.log);
  });

  it("takes the answer of a fresh one as it is", async () => {
    const { apply, names } = desk();
    expect(await apply(create)).toMatchObject({ endpoint: { id: "vpce-01c87ae3c05563935" } });
    expect(names()).toEqual(["createEndpoint"]);
  });

  it("looks whether one of long ago is still there", async () => {
    const { apply, names } = desk({ createEndpoint: [endpoint({ createdAt: 1 })], endpoint: [endpoint({ state: "pending" })] });
    expect(await apply(create)).toMatchObject({ endpoint: { state: "pending" } });
    expect(names()).toEqual(["createEndpoint", "endpoint"]);
  });

  it("goes to the next token when AWS repeats one that was deleted", async () => {
    const { apply, log } = desk({ createEndpoint: [endpoint({ state: "deleted" }), endpoint({ id: "vpce-old", createdAt: 1 })] });
    expect(await apply(create)).toMatchObject({ endpoint: { id: "vpce-01c87ae3c05563935" } });
    const tokens = log.filter((line) => line.startsWith("createEndpoint"));
    expect(new Set(tokens).size).toBe(3);
  });

  it("does not let whoever connects again wait a minute for each one that was deleted long ago", async () => {
    const { apply, clock } = desk({ createEndpoint: [1, 2, 3].map((n) => endpoint({ id: `vpce-${n}`, createdAt: 1 })) });
    const before = clock.monotonic();
    await apply(create);
    expect(clock.monotonic() - before).toBeLessThanOrEqual(30_000);
  });

  it("finds the one that an earlier request made with other subnets", async () => {
    const { apply, names } = desk({ createEndpoint: [refused("IdempotentParameterMismatch")], ofLink: [[], [], [endpoint()]] });
    expect(await apply(create)).toMatchObject({ endpoint: { id: "vpce-01c87ae3c05563935" } });
    expect(names()).toEqual(["createEndpoint", "ofLink", "ofLink", "ofLink"]);
  });

  it("makes a new one when that one never comes into sight", async () => {
    const { apply, names, clock } = desk({ createEndpoint: [refused("IdempotentParameterMismatch")] });
    const before = clock.monotonic();
    await apply(create);
    expect(clock.monotonic() - before).toBe(60_000);
    expect(names().filter((name) => name === "createEndpoint")).toHaveLength(2);
  });

  it("waits until AWS knows the new security group everywhere", async () => {
    const { apply, log } = desk({
      createEndpoint: [refused("InvalidSecurityGroupID.NotFound"), refused("InvalidGroup.NotFound")],
    });
    await apply(create);
    expect(new Set(log).size).toBe(1);
    expect(log).toHaveLength(3);
  });

  it("gives up when whatever it makes is deleted", async () => {
    const { apply } = desk({ createEndpoint: Array.from({ length: 64 }, () => endpoint({ state: "deleted" })) });
    await expect(apply(create)).rejects.toMatchObject({ code: "LINK_FAILED" });
  });

  it("passes other refusals on", async () => {
    const { apply } = desk({ createEndpoint: [refused("VpcEndpointLimitExceeded")] });
    await expect(apply(create)).rejects.toMatchObject({ code: "AWS_REFUSED", details: { awsCode: "VpcEndpointLimitExceeded" } });
  });
});

describe("making the security group", () => {
  const step: LinkStep = {
    kind: "create-security-group",
    name: "spacegate-redis",
    description: "",
    vpcId: VPC,
    tags: { [LINK_TAG]: "redis" },
  };

  it("takes the one of that name that is its own, as soon as it is shown", async () => {
    const { apply, names } = desk({ createGroup: [refused("InvalidGroup.Duplicate")], group: [undefined, group()] });
    expect(await apply(step)).toMatchObject({ group: { id: GROUP } });
    expect(names()).toEqual(["createGroup", "group", "group"]);
  });

  it("leaves somebody else's alone", async () => {
    const { apply } = desk({ createGroup: [refused("InvalidGroup.Duplicate")], group: [group({ tags: {} })] });
    await expect(apply(step)).rejects.toMatchObject({ code: "LINK_FOREIGN" });
  });
});

describe("rules", () => {
  const open: LinkStep = { kind: "authorize-ingress", groupId: GROUP, port: 6379, cidrs: ["10.1.0.0/16", "10.2.0.0/16"] };

  it("waits until a new group is known everywhere", async () => {
    const { apply, names } = desk({ authorize: [refused("InvalidGroup.NotFound"), refused("InvalidGroup.NotFound")] });
    await apply(open);
    expect(names()).toEqual(["authorize", "authorize", "authorize"]);
  });

  it("does not wait for ever for a group that is gone", async () => {
    const { apply, clock } = desk({ authorize: Array.from({ length: 99 }, () => refused("InvalidGroup.NotFound")) });
    await expect(apply(open)).rejects.toMatchObject({ details: { awsCode: "InvalidGroup.NotFound" } });
    expect(clock.monotonic()).toBe(61_000);
  });

  it("adds one by one when one of them is there already", async () => {
    const { apply, log } = desk({ authorize: [refused("InvalidPermission.Duplicate"), refused("InvalidPermission.Duplicate")] });
    await apply(open);
    expect(log).toEqual(["authorize 6379 10.1.0.0/16,10.2.0.0/16", "authorize 6379 10.1.0.0/16", "authorize 6379 10.2.0.0/16"]);
  });

  it("takes back what is still there", async () => {
    const rules = ["sgr-1", "sgr-2"].map((id) => ({ id, protocol: "tcp", fromPort: 1, toPort: 1, source: "0.0.0.0/0" }));
    const { apply, log } = desk({ revoke: [refused("InvalidSecurityGroupRuleId.NotFound")] });
    await apply({ kind: "revoke-ingress", groupId: GROUP, rules });
    expect(log).toEqual(["revoke sgr-1", "revoke sgr-2"]);
  });
});

describe("changing and deleting", () => {
  const steps: readonly [string, LinkStep, keyof LinkWriter, string][] = [
    [
      "a change while AWS is at work",
      { kind: "modify-endpoint", endpointId: "vpce-1", change: {} },
      "modifyEndpoint",
      "IncorrectState",
    ],
    [
      "an endpoint that is gone",
      { kind: "delete-endpoint", endpointId: "vpce-1" },
      "deleteEndpoint",
      "InvalidVpcEndpoint.NotFound",
    ],
    ["a group that is gone", { kind: "delete-security-group", groupId: GROUP }, "deleteGroup", "InvalidGroup.NotFound"],
    ["a group that is still held", { kind: "delete-security-group", groupId: GROUP }, "deleteGroup", "DependencyViolation"],
  ];

  it.each(steps)("leaves %s to the next pass", async (_title, step, call, code) => {
    const { apply, names } = desk({ [call]: [refused(code)] });
    expect(await apply(step)).toBeUndefined();
    expect(names()).toEqual([call]);
  });

  it.each(steps)("passes other refusals on: %s", async (_title, step, call) => {
    const { apply } = desk({ [call]: [refused("OperationNotPermitted")] });
    await expect(apply(step)).rejects.toMatchObject({ code: "AWS_REFUSED" });
  });
});
