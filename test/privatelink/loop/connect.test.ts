import { describe, expect, it } from "vitest";
import { LINK_TAG } from "../../../agent/model/privatelink.ts";
import { AwsFault } from "../../aws/model/server.ts";
import { herokuLink, KINESIS_SERVICE, ROUTE_TABLES, SUBNET, VPC, wantedKinesis, wantedLink, wantedS3 } from "../../aws/sample.ts";
import { type Gateway, openGateway } from "./support.ts";

const codeOf = (promise: Promise<unknown>): Promise<{ code: string; message: string; fix: string }> =>
  promise.then(
    () => {
      throw new Error("it was expected to be refused");
    },
    (thrown) => thrown,
  );

const ingressOf = ({ world }: Gateway) =>
  world.groups.flatMap(({ rules }) =>
    rules
      .filter(({ IsEgress }) => !IsEgress)
      .map(({ FromPort, ToPort, CidrIpv4, CidrIpv6 }) => `${FromPort}-${ToPort} ${CidrIpv4 ?? CidrIpv6}`),
  );

describe("from a service's name to a working endpoint", () => {
  it("makes group, rule and endpoint, waits through acceptance, and finds the connection string", async () => {
    const gateway = await openGateway();
    const { endpoint, urls } = await gateway.connect(wantedLink());
    expect(gateway.takeWrites()).toEqual(["CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "CreateVpcEndpoint"]);
    expect(endpoint).toMatchObject({ state: "available", vpcId: VPC, subnetIds: [SUBNET.a, SUBNET.b], privateDns: false });
    expect(endpoint.addresses).toEqual(["172.31.0.10", "172.31.16.10"]);
    expect(endpoint.dnsNames[0]).toMatch(/^vpce-.*\.vpce-svc-0410a2e25933fe8ec\.us-east-1\.vpce\.amazonaws\.com$/);
    expect(endpoint.tags).toMatchObject({ [LINK_TAG]: "redis", Name: "spacegate-redis" });
    expect(urls.map(({ name }) => name)).toEqual([`REDIS_ENDPOINT_${endpoint.id.slice(5).toUpperCase()}_URL`]);
    expect(ingressOf(gateway)).toEqual(["6379-6379 172.31.0.0/16"]);
    expect(gateway.server.violations).toEqual([]);
  });

  it("tells what it does and what it waits for, and never a password", async () => {
    const gateway = await openGateway();
    await gateway.connect(wantedLink());
    const [id] = gateway.world.endpoints.map((one) => one.id);
    expect(gateway.said).toEqual([
      `AWS: create the security group spacegate-redis in ${VPC}`,
      expect.stringMatching(/^AWS: let 172\.31\.0\.0\/16 in to TCP port 6379 \(sg-/),
      expect.stringMatching(/^AWS: create the Interface endpoint in vpc-/),
    ]);
    expect(gateway.shown).toEqual([
      `Waiting for the provider to accept ${id} (pendingAcceptance)`,
      `Waiting for AWS to make ${id} available (pending)`,
      `Waiting for Heroku to give acme-app the connection string of ${id}`,
    ]);
    expect([...gateway.said, ...gateway.shown].join()).not.toContain("secret");
  });

  it("only reads the second time", async () => {
    const gateway = await openGateway();
    await gateway.connect(wantedLink());
    gateway.takeWrites();
    await gateway.connect(wantedLink());
    expect(gateway.takeWrites()).toEqual([]);
  });

  it("reaches a service of AWS's own with private DNS and a policy", async () => {
    const gateway = await openGateway();
    const policy = JSON.stringify({
      Statement: [{ Effect: "Allow", Principal: "*", Action: ["kinesis:PutRecord"], Resource: "*" }],
    });
    const { endpoint, urls } = await gateway.connect(wantedKinesis({ policy, allowedCidrs: ["172.31.0.0/16", "2001:db8::/32"] }));
    expect(endpoint).toMatchObject({ serviceName: KINESIS_SERVICE, state: "available", privateDns: true, policy });
    expect(endpoint.dnsNames).toContain("kinesis.us-east-1.amazonaws.com");
    expect(urls).toEqual([]);
    expect(ingressOf(gateway)).toEqual(["443-443 172.31.0.0/16", "443-443 2001:db8::/32"]);
    gateway.takeWrites();
    await gateway.connect(
      wantedKinesis({ policy: JSON.stringify(JSON.parse(policy), null, 2), allowedCidrs: ["2001:db8::/32", "172.31.0.0/16"] }),
    );
    expect(gateway.takeWrites()).toEqual([]);
  });

  it("makes a gateway endpoint by route tables, without a security group", async () => {
    const gateway = await openGateway();
    const { endpoint } = await gateway.connect(wantedS3());
    expect(gateway.takeWrites()).toEqual(["CreateVpcEndpoint"]);
    expect(endpoint).toMatchObject({ type: "Gateway", state: "available", routeTableIds: [...ROUTE_TABLES], addresses: [] });
    await gateway.connect(wantedS3());
    expect(gateway.takeWrites()).toEqual([]);
  });

  it("does not wait when it is told not to", async () => {
    const gateway = await openGateway();
    const { endpoint } = await gateway.connect(wantedLink(), { wait: false });
    expect(endpoint.state).toBe("pendingAcceptance");
  });
});

describe("answers that lag behind", () => {
  it("makes nothing twice while AWS does not show what was made", async () => {
    const gateway = await openGateway();
    gateway.world.pace.shown = 40_000;
    const { endpoint } = await gateway.connect(wantedLink());
    expect(endpoint.state).toBe("available");
    expect(gateway.world.endpoints).toHaveLength(1);
    expect(gateway.world.groups).toHaveLength(1);
    expect(ingressOf(gateway)).toEqual(["6379-6379 172.31.0.0/16"]);
    expect(gateway.server.violations).toEqual([]);
  });

  it("reads answers in pages to the end", async () => {
    const gateway = await openGateway();
    gateway.world.pageSize = 1;
    const { endpoint } = await gateway.connect(wantedLink());
    expect(endpoint.addresses).toHaveLength(2);
    gateway.takeWrites();
    await gateway.connect(wantedLink());
    expect(gateway.takeWrites()).toEqual([]);
  });

  it("asks past being limited", async () => {
    const gateway = await openGateway();
    const limited = new AwsFault("RequestLimitExceeded", "Request limit exceeded.", 503);
    gateway.world.failNext("CreateVpcEndpoint", limited, 2);
    gateway.world.failNext("DescribeVpcEndpoints", limited, 5);
    await gateway.connect(wantedLink());
    expect(gateway.world.endpoints).toHaveLength(1);
  }, 30_000);

  it("waits for Heroku's part as long as it takes, and no longer than it may", async () => {
    const gateway = await openGateway();
    gateway.world.pace.acceptance = 3_600_000;
    const refused = await codeOf(gateway.connect(wantedLink()));
    expect(refused).toMatchObject({ code: "PRIVATELINK_TIMEOUT", message: expect.stringContaining("pendingAcceptance") });
    expect(refused.fix).toContain("spacegate privatelink connect redis");
  });

  it("shows a state that nobody knows yet as it came, and goes on", async () => {
    const gateway = await openGateway();
    const run = gateway.connect(wantedLink(), {
      clock: {
        now: () => gateway.clock.now(),
        monotonic: () => gateway.clock.monotonic(),
        sleep: async (ms, signal) => {
          const [endpoint] = gateway.world.endpoints;
          if (endpoint) endpoint.forced = gateway.clock.monotonic() < 100_000 ? "partial" : undefined;
          await gateway.clock.sleep(ms, signal);
        },
      },
    });
    const { endpoint } = await run;
    expect(endpoint.state).toBe("available");
    expect(gateway.shown.join("\n")).toContain("which is partial");
  });
});

describe("a process that is killed after any call", () => {
  const writes = ["CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "CreateVpcEndpoint"];

  it.each(writes.flatMap((action) => [[action, 0] as const, [action, 45_000] as const]))(
    "makes nothing twice: %s, shown after %d ms",
    async (action, shown) => {
      const gateway = await openGateway();
      gateway.world.pace.shown = shown;
      const killed = new AbortController();
      gateway.standIn.onCall = (call) => {
        if (call.action === action) killed.abort();
      };
      await expect(gateway.connect(wantedLink(), { signal: killed.signal })).rejects.toMatchObject({ code: "INTERRUPTED" });
      gateway.standIn.onCall = () => undefined;
      const { endpoint } = await gateway.connect(wantedLink());
      expect(endpoint.state).toBe("available");
      expect(gateway.world.endpoints).toHaveLength(1);
      expect(gateway.world.groups).toHaveLength(1);
      expect(ingressOf(gateway)).toEqual(["6379-6379 172.31.0.0/16"]);
    },
  );

  /** Killed after the call number `at` of a kind that changes something or not; then started again. */
  const killedAt = async (gateway: Gateway, at: number, act: (signal: AbortSignal) => Promise<unknown>): Promise<boolean> => {
    const killed = new AbortController();
    let calls = 0;
    gateway.standIn.onCall = () => {
      calls++;
      if (calls === at) killed.abort();
    };
    await act(killed.signal).catch(() => undefined);
    gateway.standIn.onCall = () => undefined;
    return killed.signal.aborted;
  };

  it("makes nothing twice wherever it is killed, be it again and again", async () => {
    const gateway = await openGateway();
    gateway.world.pace.shown = 20_000;
    let at = 1;
    while (await killedAt(gateway, at, (signal) => gateway.connect(wantedLink(), { signal }))) at++;
    expect(at).toBeGreaterThan(12);
    expect(gateway.world.endpoints).toHaveLength(1);
    expect(gateway.world.groups).toHaveLength(1);
    expect(ingressOf(gateway)).toEqual(["6379-6379 172.31.0.0/16"]);
    gateway.takeWrites();
    await gateway.connect(wantedLink());
    expect(gateway.takeWrites()).toEqual([]);
  }, 60_000);

  it("repairs drift and deletes to the end wherever it is killed", async () => {
    const gateway = await openGateway();
    await gateway.connect(wantedLink());
    const drifted = wantedLink({ subnetIds: [SUBNET.b2], allowedCidrs: ["10.1.0.0/16"], port: 6380 });
    let at = 1;
    while (await killedAt(gateway, at, (signal) => gateway.connect(drifted, { signal }))) at++;
    expect(gateway.world.endpoints.map(({ subnetIds }) => subnetIds)).toEqual([[SUBNET.b2]]);
    expect(ingressOf(gateway)).toEqual(["6380-6380 10.1.0.0/16"]);
    at = 1;
    while (await killedAt(gateway, at, (signal) => gateway.disconnect(drifted, signal))) at++;
    expect([gateway.world.livingEndpoints, gateway.world.groups]).toEqual([[], []]);
  }, 60_000);

  it("makes nothing twice beside another process that does the same", async () => {
    const gateway = await openGateway();
    gateway.world.pace.shown = 20_000;
    const both = await Promise.all([gateway.connect(wantedLink()), gateway.connect(wantedLink())]);
    expect(new Set(both.map(({ endpoint }) => endpoint.id)).size).toBe(1);
    expect(gateway.world.endpoints).toHaveLength(1);
    expect(gateway.world.groups).toHaveLength(1);
  });

  it("makes nothing twice although the subnets were changed in between", async () => {
    const gateway = await openGateway();
    gateway.world.pace.shown = 45_000;
    const killed = new AbortController();
    gateway.standIn.onCall = ({ action }) => {
      if (action === "CreateVpcEndpoint") killed.abort();
    };
    await expect(gateway.connect(wantedLink(), { signal: killed.signal })).rejects.toMatchObject({ code: "INTERRUPTED" });
    gateway.standIn.onCall = () => undefined;
    const { endpoint } = await gateway.connect(wantedLink({ subnetIds: [SUBNET.a] }));
    expect(gateway.world.endpoints).toHaveLength(1);
    expect(endpoint.subnetIds).toEqual([SUBNET.a]);
  });
});

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

  it("leaves others' endpoints and groups alone", async () => {
    const gateway = await openGateway();
    await gateway.connect(wantedLink());
    await gateway.connect(wantedKinesis());
    await gateway.disconnect(wantedLink());
    expect(gateway.world.livingEndpoints.map(({ serviceName }) => serviceName)).toEqual([KINESIS_SERVICE]);
    expect(gateway.world.groups.map(({ name }) => name)).toEqual(["spacegate-kinesis"]);
  });
});
