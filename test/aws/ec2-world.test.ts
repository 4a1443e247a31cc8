import { expect, it } from "vitest";
import { Ec2World, type WorldEndpoint } from "./ec2-world.ts";

const VPC_ID = "vpc-0a1b2c3d4e5f60718";
const SUBNETS = ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"];

const endpointOf = (world: Ec2World): WorldEndpoint => ({
  id: world.newId("vpce"),
  type: "Interface",
  vpcId: VPC_ID,
  serviceName: "com.amazonaws.us-east-1.kinesis-streams",
  madeAt: 0,
  token: "",
  tags: [],
  subnetIds: SUBNETS,
  groupIds: [],
  routeTableIds: [],
  privateDns: false,
  policy: "",
  changedAt: 0,
  deletedAt: undefined,
  forced: undefined,
});

it("gives each endpoint in each subnet an interface of its own", () => {
  const world = new Ec2World({ now: () => 1_000_000 });
  world.subnets.push(
    ...SUBNETS.map((id, index) => ({ id, vpcId: VPC_ID, zone: "us-east-1a", cidr: `172.31.${16 * index}.0/20` })),
  );
  world.endpoints.push(endpointOf(world), endpointOf(world));
  const interfaces = world.endpoints.flatMap((endpoint) => world.interfacesOf(endpoint));
  expect(new Set(interfaces.map(({ id }) => id)).size).toBe(4);
  for (const { id } of interfaces) expect(id).toMatch(/^eni-[0-9a-f]{17}$/);
});
