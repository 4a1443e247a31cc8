import { describe, expect, it } from "vitest";
import { SUBNET, wantedLink } from "../../aws/sample.ts";
import { ingressOf, openGateway } from "./support.ts";

describe("drift", () => {
  const settled = async () => {
    const gateway = await openGateway();
    await gateway.connect(wantedLink());
    gateway.takeWrites();
    const [endpoint] = gateway.world.endpoints;
    const [group] = gateway.world.groups;
    if (!endpoint || !group) throw new Error("nothing was made");
    return { gateway, endpoint, group };
  };

  it("takes back rules that somebody has added to the link's group, and puts back those that are missing", async () => {
    const { gateway, group } = await settled();
    group.rules = group.rules.filter(({ IsEgress }) => IsEgress);
    const opened = { IpProtocol: "-1", FromPort: -1, ToPort: -1, CidrIpv4: "0.0.0.0/0" };
    group.rules.push({ SecurityGroupRuleId: "sgr-0f00f00f00f00f00f", GroupId: group.id, IsEgress: false, ...opened });
    await gateway.connect(wantedLink());
    expect(gateway.takeWrites()).toEqual(["AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"]);
    expect(ingressOf(gateway)).toEqual(["6379-6379 172.31.0.0/16"]);
    expect(gateway.server.violations).toEqual([]);
  });

  it("puts subnets, group and private DNS back in one change", async () => {
    const { gateway, endpoint, group } = await settled();
    endpoint.subnetIds = [SUBNET.a];
    endpoint.groupIds = [];
    await gateway.connect(wantedLink());
    expect(gateway.takeWrites()).toEqual(["ModifyVpcEndpoint"]);
    expect(endpoint).toMatchObject({ subnetIds: [SUBNET.a, SUBNET.b], groupIds: [group.id] });
  });

  it("moves to another subnet of the same zone by way of none", async () => {
    const { gateway, endpoint } = await settled();
    await gateway.connect(wantedLink({ subnetIds: [SUBNET.a, SUBNET.b2] }));
    expect(gateway.takeWrites()).toEqual(["ModifyVpcEndpoint", "ModifyVpcEndpoint"]);
    expect(endpoint.subnetIds).toEqual([SUBNET.a, SUBNET.b2]);
  });

  it("asks once for a change that AWS does not show yet", async () => {
    const { gateway, endpoint } = await settled();
    gateway.world.pace.changeShown = 5000;
    await gateway.connect(wantedLink({ subnetIds: [SUBNET.a] }));
    expect(gateway.takeWrites()).toEqual(["ModifyVpcEndpoint"]);
    expect(endpoint.subnetIds).toEqual([SUBNET.a]);
  });

  it("makes an endpoint anew that somebody has deleted, although AWS still answers its token with the old one", async () => {
    const { gateway, endpoint } = await settled();
    endpoint.deletedAt = gateway.clock.now();
    gateway.clock.ms += 3_600_000;
    const { endpoint: made } = await gateway.connect(wantedLink());
    expect(made.id).not.toBe(endpoint.id);
    expect(gateway.world.livingEndpoints.map(({ id }) => id)).toEqual([made.id]);
  });

  it("also when AWS answers the token with how the old one is now", async () => {
    const { gateway, endpoint } = await settled();
    gateway.world.repeats = "current";
    endpoint.deletedAt = gateway.clock.now();
    const { endpoint: made } = await gateway.connect(wantedLink());
    expect(made.id).not.toBe(endpoint.id);
    expect(gateway.shown.join("\n")).toContain("Waiting for AWS to finish deleting");
  });
});
