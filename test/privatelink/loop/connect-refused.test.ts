import { describe, expect, it } from "vitest";
import { AwsFault } from "../../aws/model/server.ts";
import { herokuLink, KINESIS_SERVICE, SUBNET, wantedKinesis, wantedLink, wantedS3 } from "../../aws/sample.ts";
import { codeOf, type Gateway, openGateway } from "./support.ts";

describe("what would not work is told before AWS is asked for anything", () => {
  const refusals: readonly [string, (gateway: Gateway) => Parameters<Gateway["connect"]>[0], string, RegExp][] = [
    [
      "a subnet in a zone that the service is not in",
      () => wantedLink({ subnetIds: [SUBNET.a, SUBNET.c] }),
      "LINK_ZONE",
      /subnet-0c{16} \(use1-az1, us-east-1c\); it is in use1-az4, use1-az6/,
    ],
    [
      "two subnets of one zone",
      () => wantedLink({ subnetIds: [SUBNET.b, SUBNET.b2] }),
      "LINK_ZONE",
      /same availability zone use1-az6/,
    ],
    [
      "a service in another region",
      (gateway) => {
        gateway.heroku = herokuLink({ serviceName: "com.amazonaws.vpce.eu-west-1.vpce-svc-0410a2e25933fe8ec" });
        return wantedLink();
      },
      "LINK_REGION",
      /is in eu-west-1/,
    ],
    ...["Deprovisioning", "Deprovisioned", "Failed"].map((status): (typeof refusals)[number] => [
      `a PrivateLink that is ${status} at Heroku`,
      (gateway) => {
        gateway.heroku = herokuLink({ status });
        return wantedLink();
      },
      "PRIVATELINK_FAILED",
      new RegExp(`Heroku .*${status}.*\\nNothing was changed\\.`),
    ]),
    [
      "a VPC that is not there",
      () => wantedLink({ vpcId: "vpc-0000000000000dead" }),
      "LINK_VPC",
      /123456789012 has no VPC vpc-0000000000000dead in us-east-1/,
    ],
    ["a subnet that is not there", () => wantedLink({ subnetIds: ["subnet-0dead"] }), "LINK_VPC", /no subnet subnet-0dead/],
    [
      "a service that AWS does not show",
      () => wantedKinesis({ target: { kind: "service", serviceName: "com.amazonaws.us-east-1.kineses" } }),
      "LINK_SERVICE",
      /no endpoint service com\.amazonaws\.us-east-1\.kineses/,
    ],
    [
      "an account that Heroku does not let in",
      (gateway) => {
        gateway.heroku = herokuLink({
          allowedAccounts: [{ accountId: "999999999999", arn: "arn:aws:iam::999999999999:root", status: "Active" }],
        });
        return wantedLink();
      },
      "LINK_ACCOUNT",
      /does not let the AWS account 123456789012/,
    ],
    [
      "a user that is not the allowed one",
      (gateway) => {
        gateway.heroku = herokuLink({
          allowedAccounts: [{ accountId: "123456789012", arn: "arn:aws:iam::123456789012:user/abc.xyz", status: "Active" }],
        });
        return wantedLink();
      },
      "LINK_ACCOUNT",
      /user\/abc\.xyz/,
    ],
    [
      "a gateway endpoint for what has none",
      () => wantedS3({ target: { kind: "service", serviceName: KINESIS_SERVICE } }),
      "LINK_TYPE",
      /offers no Gateway endpoints/,
    ],
    [
      "private DNS in a VPC without DNS hostnames",
      ({ world }) => {
        for (const vpc of world.vpcs) vpc.dnsHostnames = false;
        return wantedKinesis();
      },
      "LINK_PRIVATE_DNS",
      /needs enableDnsHostnames, which is off/,
    ],
    [
      "private DNS for a service that has no such name",
      () => wantedLink({ privateDns: true }),
      "LINK_PRIVATE_DNS",
      /has no private DNS name/,
    ],
    ["a policy that is none", () => wantedKinesis({ policy: "{}" }), "LINK_POLICY", /no JSON object with a Statement/],
    [
      "a policy for a service that takes none",
      () => wantedLink({ policy: '{"Statement":[]}' }),
      "LINK_POLICY",
      /takes no endpoint policy/,
    ],
    [
      "a link that Heroku has not",
      (gateway) => {
        gateway.heroku = undefined;
        return wantedLink();
      },
      "PRIVATELINK_NOT_FOUND",
      /has no PrivateLink at Heroku/,
    ],
  ];

  it.each(refusals)("%s", async (_title, prepare, code, message) => {
    const gateway = await openGateway();
    const refused = await codeOf(gateway.connect(prepare(gateway)));
    expect(refused.code).toBe(code);
    expect(refused.message).toMatch(message);
    expect(gateway.takeWrites()).toEqual([]);
    expect(gateway.server.violations).toEqual([]);
  });

  it("names the subnets that would do", async () => {
    const gateway = await openGateway();
    const refused = await codeOf(gateway.connect(wantedLink({ subnetIds: [SUBNET.c] })));
    expect(refused.fix).toContain(`${SUBNET.a} (use1-az4, us-east-1a), ${SUBNET.b} (use1-az6, us-east-1b)`);
  });

  it("lets in the role that the gateway runs as", async () => {
    const gateway = await openGateway();
    const arn = "arn:aws:iam::123456789012:role/gateway";
    gateway.heroku = herokuLink({ allowedAccounts: [{ accountId: "123456789012", arn, status: "Active" }] });
    const { endpoint } = await gateway.connect(wantedLink());
    expect(endpoint.state).toBe("available");
  });
});

describe("refusals that come later", () => {
  it("tells that the provider has rejected the endpoint, also after it was available", async () => {
    const gateway = await openGateway();
    await gateway.connect(wantedLink());
    for (const endpoint of gateway.world.endpoints) endpoint.forced = "rejected";
    gateway.takeWrites();
    const refused = await codeOf(gateway.connect(wantedLink()));
    expect(refused).toMatchObject({ code: "LINK_REJECTED", message: expect.stringContaining("is rejected") });
    expect(gateway.takeWrites()).toEqual([]);
  });

  it.each([
    ["expired", "LINK_REJECTED", "does not let"],
    ["failed", "LINK_FAILED", "InternalError: The endpoint could not be created."],
  ])("tells that it is %s", async (state, code, words) => {
    const gateway = await openGateway();
    await gateway.connect(wantedLink());
    for (const endpoint of gateway.world.endpoints) endpoint.forced = state;
    expect(await codeOf(gateway.connect(wantedLink()))).toMatchObject({ code, message: expect.stringContaining(words) });
  });

  it("names the action that the credentials may not do, and the command that prints a policy", async () => {
    const gateway = await openGateway();
    const statements = gateway.world.policy?.Statement ?? [];
    gateway.world.policy = {
      Version: "2012-10-17",
      Statement: statements.filter(({ Action }) => !Action.includes("ec2:CreateTags")),
    };
    const refused = await codeOf(gateway.connect(wantedLink()));
    expect(refused.code).toBe("AWS_FORBIDDEN");
    expect(refused.message).toContain("ec2:CreateTags");
    expect(refused.message).not.toContain("4JY");
    expect(refused.fix).toContain("spacegate privatelink policy");
  });

  it("tells wrong credentials as such", async () => {
    const gateway = await openGateway();
    gateway.world.failNext(
      "GetCallerIdentity",
      new AwsFault("InvalidClientTokenId", "The security token included in the request is invalid.", 403),
      9,
    );
    expect(await codeOf(gateway.connect(wantedLink()))).toMatchObject({ code: "AWS_CREDENTIALS" });
  });

  it("leaves alone what somebody else made, and says so", async () => {
    const gateway = await openGateway();
    await gateway.connect(wantedKinesis());
    for (const endpoint of gateway.world.endpoints) endpoint.tags = [];
    for (const group of gateway.world.groups) group.tags.splice(0);
    gateway.takeWrites();
    const refused = await codeOf(gateway.connect(wantedKinesis()));
    expect(refused.code).toBe("LINK_FOREIGN");
    expect(refused.message).toContain("somebody else made it");
    expect(gateway.takeWrites()).toEqual([]);
    expect(gateway.world.endpoints).toHaveLength(1);
  });
});
