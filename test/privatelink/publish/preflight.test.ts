import { describe, expect, test } from "vitest";
import type { Database } from "../../../agent/privatelink/publish/database.ts";
import type { Network, NetworkGroup } from "../../../agent/privatelink/publish/network.ts";
import { preflight } from "../../../agent/privatelink/publish/preflight.ts";
import { ruleText } from "../../../agent/privatelink/publish/rules.ts";
import { assertWanted, type PublishWanted } from "../../../agent/privatelink/publish/wanted.ts";
import { CLOSED_SUBNET, DATABASE_GROUP, FUNCTION_GROUP, PUBLIC_SUBNET, STANDBY_SUBNET, SUBNET, VPC, WANTED } from "./support.ts";

const DATABASE: Database = {
  id: "orders",
  status: "available",
  endpoint: WANTED.endpoint,
  readerEndpoint: "",
  port: 5432,
  vpcId: VPC,
  zone: "us-east-1a",
  otherZones: [],
  securityGroupIds: [DATABASE_GROUP],
  clusterId: undefined,
};

const OUT = { protocol: "-1", fromPort: 0, toPort: 65535, cidrs: ["0.0.0.0/0"], groupIds: [] };

const group = (id: string, ingress: NetworkGroup["ingress"] = []): NetworkGroup => ({
  id,
  name: id,
  vpcId: VPC,
  ingress,
  egress: [OUT],
});

const tcp = (fromPort: number, toPort: number, cidrs: readonly string[], groupIds: readonly string[] = []) => ({
  protocol: "tcp",
  fromPort,
  toPort,
  cidrs,
  groupIds,
});

const network = (ingress: NetworkGroup["ingress"] = [tcp(5432, 5432, ["10.0.0.0/16"])]): Network => ({
  subnets: [
    { id: SUBNET, zone: "us-east-1a", zoneId: "use1-az4", cidr: "10.0.1.0/24", wayOut: "nat-1" },
    { id: PUBLIC_SUBNET, zone: "us-east-1a", zoneId: "use1-az4", cidr: "10.0.2.0/24", wayOut: "igw-1" },
    { id: STANDBY_SUBNET, zone: "us-east-1b", zoneId: "use1-az6", cidr: "10.0.3.0/24", wayOut: "nat-1" },
    { id: CLOSED_SUBNET, zone: "us-east-1c", zoneId: "use1-az1", cidr: "10.0.4.0/24", wayOut: undefined },
  ],
  groups: [group(FUNCTION_GROUP), group(DATABASE_GROUP, ingress)],
});

describe("what would not work is told with what would", () => {
  test.each<[string, Partial<PublishWanted>, Partial<Database>, string]>([
    ["a subnet in another zone", { subnetIds: [STANDBY_SUBNET] }, {}, `Give one in us-east-1a, such as ${SUBNET}`],
    ["a subnet that leads to the internet gateway", { subnetIds: [PUBLIC_SUBNET] }, {}, "igw-1, which a function cannot use"],
    ["a subnet without a way out", { subnetIds: [SUBNET, CLOSED_SUBNET] }, {}, `${CLOSED_SUBNET} has no route to the internet`],
    ["two subnets in one zone", { subnetIds: [SUBNET, SUBNET] }, {}, "a load balancer takes one in each zone"],
    ["a subnet that is not there", { subnetIds: [SUBNET, "subnet-0dead0000"] }, {}, `subnet-0dead0000 is not in ${VPC}`],
    ["another port", { port: 3306 }, {}, "--port 3306 is not orders's, which is 5432"],
    ["another VPC", {}, { vpcId: "vpc-0b" }, `--vpc ${VPC} is not orders's, which is vpc-0b`],
    [
      "another endpoint",
      {},
      { endpoint: "orders.x.us-east-1.rds.amazonaws.com" },
      "which is orders.x.us-east-1.rds.amazonaws.com",
    ],
    [
      "a reader endpoint",
      {},
      { readerEndpoint: WANTED.endpoint, endpoint: "w.rds.amazonaws.com" },
      "Give the cluster's own: w.rds.amazonaws.com",
    ],
    ["an unknown security group", { securityGroupIds: ["sg-0dead0000"] }, {}, "sg-0dead0000 is not to be found"],
  ])("%s", (_what, wanted, database, problem) => {
    const { problems } = preflight({ ...WANTED, ...wanted }, { ...DATABASE, ...database }, network());
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });

  test("a database that RDS does not have", () => {
    expect(preflight(WANTED, undefined, network()).problems).toEqual([
      expect.stringContaining("no DB instance orders in us-east-1"),
    ]);
  });

  test("values that AWS would not take are refused all at once, before any question", () => {
    const wrong = { ...WANTED, stack: "1st", partnerAccount: "12", endpoint: "10.0.0.1:5432" };
    expect(() => assertWanted(wrong)).toThrow(/--stack "1st".*\n.*--endpoint "10.0.0.1:5432".*\n.*--partner-account "12"/);
  });
});

describe("what works is noted", () => {
  test.each<[string, Partial<PublishWanted>, Partial<Database>, string]>([
    ["when a failover leads to a zone without a subnet", {}, { otherZones: ["us-east-1b"] }, "may take orders to us-east-1b"],
    ["when an instance belongs to a cluster", {}, { clusterId: "shop" }, "belongs to the cluster shop"],
    ["when the database is not available now", {}, { status: "failing-over" }, "orders is failing-over now"],
  ])("%s", (_when, wanted, database, note) => {
    const { problems, notes } = preflight({ ...WANTED, ...wanted }, { ...DATABASE, ...database }, network());
    expect([problems, notes]).toEqual([[], [expect.stringContaining(note)]]);
  });

  test("and a standby's zone with a subnet needs no note", () => {
    const both = { ...WANTED, subnetIds: [SUBNET, STANDBY_SUBNET] };
    const { problems, notes, subnets } = preflight(both, { ...DATABASE, otherZones: ["us-east-1b"] }, network());
    expect([problems, notes]).toEqual([[], []]);
    expect(subnets.map(({ zoneId }) => zoneId)).toEqual(["use1-az4", "use1-az6"]);
  });
});

describe("a rule of the database's security group", () => {
  const missing = (ingress: NetworkGroup["ingress"]): string[] =>
    preflight(WANTED, DATABASE, network(ingress)).rules.map(ruleText);
  const SUBNET_RULE = expect.stringContaining("allow TCP 5432 from 10.0.1.0/24");
  const FUNCTION_RULE = expect.stringContaining(`allow TCP 5432 from ${FUNCTION_GROUP}`);

  test.each<[string, NetworkGroup["ingress"], readonly unknown[]]>([
    ["is missing for both without any", [], [SUBNET_RULE, FUNCTION_RULE]],
    ["for the function only does not let the load balancer in", [tcp(5432, 5432, [], [FUNCTION_GROUP])], [SUBNET_RULE]],
    ["on another port does not count", [tcp(3306, 3306, ["10.0.0.0/16"])], [SUBNET_RULE, FUNCTION_RULE]],
    ["for a part of the subnet is not enough", [tcp(5432, 5432, ["10.0.1.0/25"])], [SUBNET_RULE, FUNCTION_RULE]],
    ["for the subnet covers the function, which stands there", [tcp(5000, 6000, ["10.0.1.0/24"])], []],
    ["for everything is enough", [{ ...OUT, cidrs: ["10.0.0.0/8"] }], []],
    [
      "of another protocol does not count",
      [{ ...tcp(5432, 5432, ["10.0.0.0/8"]), protocol: "udp" }],
      [SUBNET_RULE, FUNCTION_RULE],
    ],
  ])("%s", (_what, ingress, expected) => {
    expect(missing(ingress)).toEqual(expected);
  });
});
