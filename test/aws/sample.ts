import { vi } from "vitest";
import type { Clock } from "../../agent/lib/clock.ts";
import type { HerokuLink, LinkWanted } from "../../agent/model/privatelink.ts";
import { openLinkAws } from "../../agent/privatelink/aws/open.ts";
import { policyDocument } from "../../agent/privatelink/aws/policy.ts";
import { type AwsStandIn, startAws } from "./start.ts";

export const VPC = "vpc-0a1b2c3d4e5f60718";
export const SUBNET = {
  a: "subnet-0aaaaaaaaaaaaaaaa",
  b: "subnet-0bbbbbbbbbbbbbbbb",
  b2: "subnet-0bbbbbbbbbbbbbbb2",
  c: "subnet-0cccccccccccccccc",
};
export const ROUTE_TABLES = ["rtb-0aaaaaaaaaaaaaaaa", "rtb-0bbbbbbbbbbbbbbbb"] as const;
export const REDIS_SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-0410a2e25933fe8ec";
export const KINESIS_SERVICE = "com.amazonaws.us-east-1.kinesis-streams";
export const S3_SERVICE = "com.amazonaws.us-east-1.s3";

/** A data service that is let in to by Heroku, in the two zones that the gateway's VPC shares with it. */
export const fill = ({ world }: AwsStandIn): void => {
  world.vpcs.push({ id: VPC, cidr: "172.31.0.0/16", dnsHostnames: true, dnsSupport: true });
  world.subnets.push(
    { id: SUBNET.a, vpcId: VPC, zone: "us-east-1a", cidr: "172.31.0.0/20" },
    { id: SUBNET.b, vpcId: VPC, zone: "us-east-1b", cidr: "172.31.16.0/20" },
    { id: SUBNET.b2, vpcId: VPC, zone: "us-east-1b", cidr: "172.31.32.0/20" },
    { id: SUBNET.c, vpcId: VPC, zone: "us-east-1c", cidr: "172.31.48.0/20" },
  );
  world.routeTables.push(...ROUTE_TABLES.map((id) => ({ id, vpcId: VPC })));
  world.services.push(
    { name: REDIS_SERVICE, type: "Interface", zones: ["use1-az4", "use1-az6"], acceptance: true },
    {
      name: KINESIS_SERVICE,
      type: "Interface",
      zones: ["use1-az4", "use1-az6", "use1-az1"],
      policies: true,
      privateDnsName: "kinesis.us-east-1.amazonaws.com",
    },
    // Of one name there are two, and AWS tells them in any order.
    {
      name: S3_SERVICE,
      type: "Interface",
      zones: ["use1-az4"],
      policies: true,
      privateDnsName: "*.s3.us-east-1.amazonaws.com",
    },
    { name: S3_SERVICE, type: "Gateway", zones: ["use1-az4", "use1-az6", "use1-az1"], policies: true },
  );
};

/** The stand-in with a VPC and services, held to the policy that the agent prints for it, and the agent's own client for it. */
export const openAws = async (clock: Clock) => {
  const standIn = await startAws(clock);
  fill(standIn);
  const { account, region } = standIn.world;
  standIn.world.policy = policyDocument({ account, region, vpcIds: [VPC] });
  vi.stubEnv("AWS_ENDPOINT_URL", standIn.server.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  return { ...standIn, standIn, aws: await openLinkAws(region) };
};

/** "redis", a link to a Key-Value Store of Heroku's. */
export const wantedLink = (change: Partial<LinkWanted> = {}): LinkWanted => ({
  name: "redis",
  target: { kind: "heroku", app: "acme-app", addon: "redis-kvs-12345" },
  type: "Interface",
  region: "us-east-1",
  vpcId: VPC,
  subnetIds: [SUBNET.a, SUBNET.b],
  routeTableIds: [],
  allowedCidrs: ["172.31.0.0/16"],
  protocol: "redis",
  port: 6379,
  privateDns: false,
  allowedAccounts: ["123456789012"],
  ...change,
});

/** A link to a service of AWS's own. */
export const wantedKinesis = (change: Partial<LinkWanted> = {}): LinkWanted =>
  wantedLink({
    name: "kinesis",
    target: { kind: "service", serviceName: KINESIS_SERVICE },
    protocol: "https",
    port: 443,
    privateDns: true,
    ...change,
  });

export const wantedS3 = (change: Partial<LinkWanted> = {}): LinkWanted =>
  wantedKinesis({
    name: "s3",
    target: { kind: "service", serviceName: S3_SERVICE },
    type: "Gateway",
    subnetIds: [],
    routeTableIds: [...ROUTE_TABLES],
    privateDns: false,
    ...change,
  });

export const herokuLink = (change: Partial<HerokuLink> = {}): HerokuLink => ({
  app: "acme-app",
  addon: { name: "redis-kvs-12345", uuid: "01234567-89ab-cdef-0123-456789abcdef" },
  status: "Operational",
  serviceName: REDIS_SERVICE,
  allowedAccounts: [{ accountId: "123456789012", arn: "arn:aws:iam::123456789012:root", status: "Active" }],
  connections: [],
  ...change,
});
