import { describe, expect, it } from "vitest";
import { herokuLink, KINESIS_SERVICE, ROUTE_TABLES, SUBNET, VPC, wantedKinesis, wantedLink, wantedS3 } from "../../aws/sample.ts";
import { standInAws } from "./support.ts";

describe("what AWS shows of a link's surroundings", () => {
  it("names zones by id, in which this account's names do not count", async () => {
    const { aws, signal, server } = await standInAws();
    const observed = await aws.observe(wantedLink(), herokuLink(), signal);
    expect(observed.service).toMatchObject({
      zoneIds: ["use1-az4", "use1-az6"],
      acceptanceRequired: true,
      policySupported: false,
    });
    expect(observed.subnets.map(({ id, zoneId, zoneName }) => [id, zoneId, zoneName])).toEqual([
      [SUBNET.a, "use1-az4", "us-east-1a"],
      [SUBNET.b, "use1-az6", "us-east-1b"],
      [SUBNET.b2, "use1-az6", "us-east-1b"],
      [SUBNET.c, "use1-az1", "us-east-1c"],
    ]);
    expect(observed.fittingSubnets.map(({ id }) => id)).toEqual([SUBNET.a, SUBNET.b, SUBNET.b2]);
    expect(server.violations).toEqual([]);
  });

  it("knows whose credentials they are", async () => {
    const { aws, signal } = await standInAws();
    const { account, callerArn, region } = await aws.observe(wantedLink(), herokuLink(), signal);
    expect({ account, callerArn, region }).toEqual({
      account: "123456789012",
      callerArn: "arn:aws:sts::123456789012:assumed-role/gateway/i-0123456789abcdef0",
      region: "us-east-1",
    });
  });

  it("reads the VPC's blocks, and its DNS attributes where private DNS is wanted", async () => {
    const { aws, signal, world } = await standInAws();
    for (const vpc of world.vpcs) vpc.dnsSupport = false;
    const observed = await aws.observe(wantedKinesis(), undefined, signal);
    expect(observed.vpc).toEqual({ id: VPC, cidrs: ["172.31.0.0/16"], dnsHostnames: true, dnsSupport: false });
    expect(observed.service).toMatchObject({ name: KINESIS_SERVICE, privateDnsName: "kinesis.us-east-1.amazonaws.com" });
  });

  it("finds route tables for a gateway endpoint, and asks for neither subnets nor groups", async () => {
    const { aws, signal, server } = await standInAws();
    const observed = await aws.observe(wantedS3({ routeTableIds: [ROUTE_TABLES[0], "rtb-0dead"] }), undefined, signal);
    expect(observed.routeTableIds).toEqual([ROUTE_TABLES[0]]);
    expect(server.actions).not.toContain("DescribeSubnets");
    expect(server.actions).not.toContain("DescribeSecurityGroups");
  });

  it("shows nothing in place of what is not there", async () => {
    const { aws, signal } = await standInAws();
    const target = { kind: "service", serviceName: "com.amazonaws.us-east-1.none" } as const;
    const observed = await aws.observe(wantedLink({ vpcId: "vpc-0dead", target }), undefined, signal);
    expect(observed).toMatchObject({ subnets: [], endpoints: [], foreign: [] });
    expect([observed.vpc, observed.service, observed.group, observed.foreignGroupId]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("does not ask for a service that Heroku has not named yet", async () => {
    const { aws, signal, server } = await standInAws();
    const observed = await aws.observe(wantedLink(), herokuLink({ status: "Provisioning", serviceName: "" }), signal);
    expect(observed.serviceName).toBe("");
    expect(server.actions).not.toContain("DescribeVpcEndpointServices");
  });

  it("stops asking when it is told to", async () => {
    const { aws } = await standInAws();
    await expect(aws.observe(wantedLink(), herokuLink(), AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
  });
});
