import { readFile } from "node:fs/promises";
import { onTestFinished } from "vitest";
import { systemClock } from "../../../agent/lib/clock.ts";
import { openPublishApi } from "../../../agent/privatelink/publish/api.ts";
import type { PublishDeps } from "../../../agent/privatelink/publish/deps.ts";
import { publishPolicy } from "../../../agent/privatelink/publish/policy.ts";
import { StackApi } from "../../../agent/privatelink/publish/stack.ts";
import type { PublishWanted } from "../../../agent/privatelink/publish/wanted.ts";
import type { AwsServer } from "../../aws/model/server.ts";
import { PublishWorld, startPublish } from "../../aws/publish.ts";
import { TEMPLATE_PATH } from "./template.ts";

export const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

export const VPC = "vpc-0a1b2c3d4e5f60718";
/** In the database's zone, with a NAT gateway. */
export const SUBNET = "subnet-0a000000000000001";
/** In the standby's. */
export const STANDBY_SUBNET = "subnet-0b000000000000001";
/** In the database's zone, with the internet gateway. */
export const PUBLIC_SUBNET = "subnet-0a000000000000002";
/** Without a way out. */
export const CLOSED_SUBNET = "subnet-0c000000000000001";
export const FUNCTION_GROUP = "sg-0f000000000000001";
export const DATABASE_GROUP = "sg-0d000000000000001";

export const WANTED: PublishWanted = {
  stack: "publish-orders",
  functionName: "publish-orders",
  rdsType: "instance",
  endpoint: "orders.c1a2b3.us-east-1.rds.amazonaws.com",
  port: 5432,
  vpcId: VPC,
  subnetIds: [SUBNET],
  securityGroupIds: [FUNCTION_GROUP],
  partnerAccount: "210987654321",
  region: "us-east-1",
};

const subnet = (SubnetId: string, letter: string, CidrBlock: string) => ({
  SubnetId,
  VpcId: VPC,
  AvailabilityZone: `us-east-1${letter}`,
  AvailabilityZoneId: `use1-az${"abc".indexOf(letter) + 4}`,
  CidrBlock,
});

const way = (id: string, subnets: readonly string[], route: object | undefined) => ({
  RouteTableId: id,
  VpcId: VPC,
  Associations: [...subnets.map((SubnetId) => ({ SubnetId, Main: false })), ...(subnets.length === 0 ? [{ Main: true }] : [])],
  Routes: [
    { DestinationCidrBlock: "10.0.0.0/16", GatewayId: "local", State: "active" as const },
    ...(route ? [{ DestinationCidrBlock: "0.0.0.0/0", State: "active" as const, ...route }] : []),
  ],
});

const ALL_OUT = [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }];

/** A database whose security group lets everything in that it should. */
export const account = (): PublishWorld => {
  const world = new PublishWorld();
  world.subnets.push(
    subnet(SUBNET, "a", "10.0.1.0/24"),
    subnet(PUBLIC_SUBNET, "a", "10.0.2.0/24"),
    subnet(STANDBY_SUBNET, "b", "10.0.3.0/24"),
    subnet(CLOSED_SUBNET, "c", "10.0.4.0/24"),
  );
  world.routeTables.push(
    way("rtb-0nat", [SUBNET, STANDBY_SUBNET], { NatGatewayId: "nat-0a1b2c3d4e5f60718" }),
    way("rtb-0igw", [PUBLIC_SUBNET], { GatewayId: "igw-0a1b2c3d4e5f60718" }),
    way("rtb-0main", [], undefined),
  );
  world.groups.push(
    { GroupId: FUNCTION_GROUP, GroupName: "publish-function", VpcId: VPC, IpPermissions: [], IpPermissionsEgress: ALL_OUT },
    {
      GroupId: DATABASE_GROUP,
      GroupName: "orders-db",
      VpcId: VPC,
      IpPermissions: [{ IpProtocol: "tcp", FromPort: 5432, ToPort: 5432, IpRanges: [{ CidrIp: "10.0.0.0/16" }] }],
      IpPermissionsEgress: ALL_OUT,
    },
  );
  world.instances.push({
    DBInstanceIdentifier: "orders",
    DBInstanceStatus: "available",
    Endpoint: { Address: WANTED.endpoint, Port: 5432 },
    DBSubnetGroup: { VpcId: VPC },
    AvailabilityZone: "us-east-1a",
    VpcSecurityGroups: [{ VpcSecurityGroupId: DATABASE_GROUP, Status: "active" }],
  });
  world.stacks.policy = publishPolicy({ account: "123456789012", region: "us-east-1" });
  return world;
};

export interface Stage {
  readonly world: PublishWorld;
  readonly server: AwsServer;
  /** What the person was told, in order. */
  readonly said: string[];
  /** What was shown in place while somebody waited. */
  readonly shown: string[];
  readonly deps: (changed?: Partial<PublishDeps>) => Promise<PublishDeps>;
}

/** Credentials and endpoint as AWS's ordinary chain finds them. */
export const awsEnvironment = (url: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: SECRET,
  AWS_EC2_METADATA_DISABLED: "true",
});

let changeSets = 0;

/** An account to publish from; what requests and answers did against AWS's descriptions fails the test. */
export const stage = async (world = account()): Promise<Stage> => {
  const server = await startPublish(world);
  onTestFinished(async () => {
    await server.stop();
    if (server.violations.length > 0) throw new Error(server.violations.join("\n"));
  });
  Object.assign(process.env, awsEnvironment(server.url));
  const [said, shown]: string[][] = [[], []];
  const template = await readFile(TEMPLATE_PATH, "utf8");
  const api = await openPublishApi("us-east-1");
  const deps = async (changed: Partial<PublishDeps> = {}): Promise<PublishDeps> => ({
    api,
    stack: new StackApi(WANTED.stack, api),
    clock: systemClock,
    progress: { say: (text) => said?.push(text), show: (text) => shown?.push(text) },
    signal: new AbortController().signal,
    timeoutMs: 20_000,
    pollMs: 10,
    template,
    changeSetName: `spacegate-${++changeSets}`,
    yes: true,
    fixRules: false,
    ask: undefined,
    ...changed,
  });
  return { world, server, said: said ?? [], shown: shown ?? [], deps };
};

/** Rejects the test unless it fails. */
export const failureOf = async (flow: Promise<unknown>): Promise<{ code: string; message: string; fix: string }> =>
  flow.then(
    () => {
      throw new Error("It did not fail");
    },
    (thrown) => thrown as { code: string; message: string; fix: string },
  );

/** The states of all stacks. */
export const made = ({ world }: Stage): string[] => world.stacks.stacks.map((one) => world.stacks.statusOf(one));
