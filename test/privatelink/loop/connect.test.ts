import { describe, expect, it } from "vitest";
import { LINK_TAG } from "../../../agent/model/privatelink.ts";
import { AwsFault } from "../../aws/model/server.ts";
import { herokuLink, KINESIS_SERVICE, ROUTE_TABLES, SUBNET, VPC, wantedKinesis, wantedLink, wantedS3 } from "../../aws/sample.ts";
import { codeOf, ingressOf, openGateway } from "./support.ts";

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

  it("makes an interface endpoint for S3 too, which has both types under one name", async () => {
    const gateway = await openGateway();
    await gateway.connect(wantedS3());
    const place = { type: "Interface", subnetIds: [SUBNET.a], routeTableIds: [] } as const;
    const { endpoint, problems } = await gateway.connect(wantedS3({ name: "s3-inside", ...place }));
    expect([endpoint.type, endpoint.state, problems]).toEqual(["Interface", "available", []]);
    expect(gateway.server.violations).toEqual([]);
  });

  it("waits for a PrivateLink that Heroku is still making", async () => {
    const gateway = await openGateway();
    gateway.heroku = herokuLink({ status: "Provisioning", serviceName: "", allowedAccounts: [] });
    const { sleep } = gateway.clock;
    gateway.clock.sleep = async (ms, signal) => {
      if (gateway.clock.monotonic() > 300_000) gateway.heroku = herokuLink();
      await sleep.call(gateway.clock, ms, signal);
    };
    const { endpoint } = await gateway.connect(wantedLink());
    expect(endpoint.state).toBe("available");
    expect(gateway.shown[0]).toBe("Waiting for Heroku to name the service of acme-app/redis-kvs-12345 (Provisioning)");
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
    const refused = await codeOf(gateway.connect(wantedLink(), { timeoutMs: 300_000 }));
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
