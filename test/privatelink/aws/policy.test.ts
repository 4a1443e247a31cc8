import { describe, expect, it } from "vitest";
import { LINK_TAG } from "../../../agent/model/privatelink.ts";
import type { EndpointRequest } from "../../../agent/model/privatelink-plan.ts";
import { IDENTITY_ACTION, READ_ACTIONS, WRITE_ACTIONS } from "../../../agent/privatelink/aws/actions.ts";
import { policyDocument } from "../../../agent/privatelink/aws/policy.ts";
import { herokuLink, REDIS_SERVICE, SUBNET, VPC, wantedKinesis, wantedLink, wantedS3 } from "../../aws/sample.ts";
import { openGateway } from "../loop/support.ts";
import { standInAws } from "./support.ts";

const FORBIDDEN = { code: "AWS_FORBIDDEN" };

const tags = (linkName: string) => ({ [LINK_TAG]: linkName });

const request = (change: Partial<EndpointRequest> = {}): EndpointRequest => ({
  linkName: "redis",
  account: "123456789012",
  region: "us-east-1",
  type: "Interface",
  vpcId: VPC,
  serviceName: REDIS_SERVICE,
  subnetIds: [SUBNET.a],
  securityGroupIds: [],
  routeTableIds: [],
  privateDns: false,
  tags: tags("redis"),
  ...change,
});

const group = (change: object = {}) =>
  ({
    kind: "create-security-group",
    name: "spacegate-redis",
    description: "who",
    vpcId: VPC,
    tags: tags("redis"),
    ...change,
  }) as const;

/** What somebody else has made in the same VPC. */
const withForeign = async () => {
  const open = await standInAws();
  const { world, clock } = open;
  world.policy = undefined;
  const { id: groupId } = await open.aws.writer.createGroup(group({ name: "theirs", tags: { Owner: "them" } }), open.signal);
  const { id: endpointId } = await open.aws.writer.createEndpoint(request({ tags: { Owner: "them" } }), "theirs", open.signal);
  clock.ms += 3_600_000;
  world.policy = policyDocument({ account: world.account, region: world.region, vpcIds: [VPC] });
  return { ...open, groupId, endpointId };
};

describe("the printed policy", () => {
  it("covers every call of a link's whole life, and names no call that is never made", async () => {
    const gateway = await openGateway();
    for (const wanted of [wantedLink(), wantedKinesis(), wantedS3()]) await gateway.connect(wanted);
    for (const one of gateway.world.groups) {
      const opened = { IpProtocol: "tcp", FromPort: 22, ToPort: 22, CidrIpv4: "0.0.0.0/0", IsEgress: false };
      one.rules.push({ ...opened, SecurityGroupRuleId: gateway.world.newId("sgr"), GroupId: one.id });
    }
    await gateway.connect(wantedLink({ subnetIds: [SUBNET.a] }));
    for (const wanted of [wantedLink(), wantedKinesis(), wantedS3()]) await gateway.disconnect(wanted);
    const declared = [...READ_ACTIONS, ...WRITE_ACTIONS, IDENTITY_ACTION].map((action) => action.split(":")[1]);
    expect([...new Set(gateway.server.actions)].sort()).toEqual(declared.sort());
    expect(gateway.server.violations).toEqual([]);
  });

  it("lets nothing be changed or deleted that others made", async () => {
    const { aws, signal, groupId, endpointId, world } = await withForeign();
    const { writer } = aws;
    await expect(writer.deleteEndpoint(endpointId, signal)).rejects.toMatchObject(FORBIDDEN);
    await expect(writer.modifyEndpoint(endpointId, { addSubnetIds: [SUBNET.b] }, signal)).rejects.toMatchObject(FORBIDDEN);
    await expect(writer.authorize(groupId, 6379, ["10.0.0.0/8"], signal)).rejects.toMatchObject(FORBIDDEN);
    await expect(writer.revoke(groupId, ["sgr-1"], signal)).rejects.toMatchObject(FORBIDDEN);
    await expect(writer.deleteGroup(groupId, signal)).rejects.toMatchObject(FORBIDDEN);
    expect(world.livingEndpoints).toHaveLength(1);
  });

  it("lets nothing be made without the tag, with others' groups, or in another VPC", async () => {
    const { aws, signal, groupId, world } = await withForeign();
    const { writer } = aws;
    world.vpcs.push({ id: "vpc-0fffffffffffffff1", cidr: "10.9.0.0/16", dnsHostnames: true, dnsSupport: true });
    await expect(writer.createGroup(group({ tags: { Owner: "us" } }), signal)).rejects.toMatchObject(FORBIDDEN);
    await expect(writer.createGroup(group({ vpcId: "vpc-0fffffffffffffff1" }), signal)).rejects.toMatchObject(FORBIDDEN);
    await expect(writer.createEndpoint(request({ tags: { Owner: "us" } }), "a", signal)).rejects.toMatchObject(FORBIDDEN);
    await expect(writer.createEndpoint(request({ securityGroupIds: [groupId] }), "b", signal)).rejects.toMatchObject(FORBIDDEN);
    await expect(writer.createEndpoint(request({ vpcId: "vpc-0fffffffffffffff1" }), "c", signal)).rejects.toMatchObject(
      FORBIDDEN,
    );
    expect(world.endpoints).toHaveLength(1);
    expect(world.groups).toHaveLength(1);
  });

  it("holds in one region and account only", async () => {
    const { aws, signal, world } = await standInAws();
    world.policy = policyDocument({ account: world.account, region: "eu-west-1", vpcIds: [] });
    await expect(aws.observe(wantedLink(), herokuLink(), signal)).rejects.toMatchObject(FORBIDDEN);
    world.policy = policyDocument({ account: "999999999999", region: world.region, vpcIds: [] });
    await expect(aws.writer.createGroup(group(), signal)).rejects.toMatchObject(FORBIDDEN);
  });

  it("holds anywhere when it is asked for without account, region and VPC", async () => {
    const gateway = await openGateway();
    gateway.world.policy = policyDocument({ account: "*", region: "*", vpcIds: [] });
    const { endpoint } = await gateway.connect(wantedLink());
    expect(endpoint.state).toBe("available");
  });

  it("is written for the partition of its region", () => {
    const text = JSON.stringify(policyDocument({ account: "123456789012", region: "cn-north-1", vpcIds: [] }));
    expect(text).toContain("arn:aws-cn:ec2:cn-north-1:123456789012:vpc/*");
  });
});
