import { describe, expect, it } from "vitest";
import { AwsFault } from "../../aws/model/server.ts";
import { KINESIS_SERVICE, VPC, wantedKinesis, wantedLink } from "../../aws/sample.ts";
import { codeOf, openGateway } from "./support.ts";

describe("disconnect", () => {
  it("deletes the endpoint, waits until it is gone, and then its group", async () => {
    const gateway = await openGateway();
    await gateway.connect(wantedLink());
    gateway.takeWrites();
    const deleted = await gateway.disconnect(wantedLink());
    expect(deleted).toEqual([expect.stringMatching(/^delete vpce-/), expect.stringMatching(/^delete the security group sg-/)]);
    expect(gateway.takeWrites()).toEqual(["DeleteVpcEndpoints", "DeleteSecurityGroup"]);
    expect(gateway.world.livingEndpoints).toEqual([]);
    expect(gateway.world.groups).toEqual([]);
    expect(await gateway.disconnect(wantedLink())).toEqual([]);
    expect(gateway.server.violations).toEqual([]);
  });

  it("reads the list of what was not deleted", async () => {
    const gateway = await openGateway();
    const { endpoint } = await gateway.connect(wantedLink());
    gateway.standIn.held.set(endpoint.id, "The endpoint is managed by another service.");
    const refused = await codeOf(gateway.disconnect(wantedLink()));
    expect(refused.code).toBe("AWS_REFUSED");
    expect(refused.message).toContain(`${endpoint.id}: OperationNotPermitted: The endpoint is managed by another service.`);
    expect(gateway.world.groups).toHaveLength(1);
  });

  it("deletes what it can when AWS refuses one of them", async () => {
    const gateway = await openGateway();
    const { endpoint } = await gateway.connect(wantedLink());
    const [first] = gateway.world.endpoints;
    if (!first) throw new Error("nothing was made");
    gateway.world.endpoints.push({ ...first, id: "vpce-0aaaaaaaaaaaaaaaa", madeAt: first.madeAt + 1 });
    gateway.standIn.held.set(endpoint.id, "The endpoint is managed by another service.");
    expect((await codeOf(gateway.disconnect(wantedLink()))).message).toContain(endpoint.id);
    expect(gateway.world.livingEndpoints.map(({ id }) => id)).toEqual([endpoint.id]);
  });

  it("says what keeps the group, as long as something does", async () => {
    const gateway = await openGateway();
    await gateway.connect(wantedLink());
    gateway.world.failNext("DeleteSecurityGroup", new AwsFault("DependencyViolation", "has a dependent object"), 3);
    await gateway.disconnect(wantedLink());
    expect(gateway.shown.at(-1)).toMatch(/whatever still uses sg-\w+: aws ec2 describe-network-interfaces/);
    expect(gateway.world.groups).toEqual([]);
  });

  it("can be followed by a new connection", async () => {
    const gateway = await openGateway();
    const { endpoint: first } = await gateway.connect(wantedLink());
    await gateway.disconnect(wantedLink());
    const { endpoint: second } = await gateway.connect(wantedLink());
    expect(second.id).not.toBe(first.id);
    expect(gateway.world.livingEndpoints.map(({ id }) => id)).toEqual([second.id]);
  });

  it("asks which VPC is meant when another gateway has a link of the same name", async () => {
    const gateway = await openGateway();
    const theirs = "vpc-0fffffffffffffff1";
    gateway.world.vpcs.push({ id: theirs, cidr: "10.9.0.0/16", dnsHostnames: true, dnsSupport: true });
    gateway.world.subnets.push({ id: "subnet-0dddddddddddddddd", vpcId: theirs, zone: "us-east-1a", cidr: "10.9.0.0/20" });
    gateway.world.policy = undefined;
    await gateway.connect(wantedLink());
    const { problems } = await gateway.connect(wantedLink({ vpcId: theirs, subnetIds: ["subnet-0dddddddddddddddd"] }));
    expect(problems.map(({ code }) => code)).toEqual(["LINK_LEFTOVER"]);
    const refused = await codeOf(gateway.disconnect(wantedLink()));
    expect(refused).toMatchObject({
      code: "PRIVATELINK_REFUSED",
      message: expect.stringContaining(theirs),
      fix: expect.stringContaining("--vpc"),
    });
    await gateway.disconnect(wantedLink(), undefined, VPC);
    expect(gateway.world.livingEndpoints.map(({ vpcId }) => vpcId)).toEqual([theirs]);
    expect(gateway.world.groups.map(({ vpcId }) => vpcId)).toEqual([theirs]);
  });

  it.each(["*", "redi?", "r*"])("takes %s for a name, and not for AWS's pattern", async (name) => {
    const gateway = await openGateway();
    await gateway.connect(wantedLink());
    expect(await gateway.disconnect(wantedLink({ name }))).toEqual([]);
    expect([gateway.world.livingEndpoints, gateway.world.groups]).toMatchObject([{ length: 1 }, { length: 1 }]);
  });

  it("leaves others' endpoints and groups alone", async () => {
    const gateway = await openGateway();
    await gateway.connect(wantedLink());
    await gateway.connect(wantedKinesis());
    await gateway.disconnect(wantedLink());
    expect(gateway.world.livingEndpoints.map(({ serviceName }) => serviceName)).toEqual([KINESIS_SERVICE]);
    expect(gateway.world.groups.map(({ name }) => name)).toEqual(["spacegate-kinesis"]);
  });
});
