import type { IpPermission, RouteTable, SecurityGroup } from "@aws-sdk/client-ec2";
import type { PublishApi } from "./api.ts";

export interface NetworkSubnet {
  readonly id: string;
  readonly zone: string;
  readonly zoneId: string;
  readonly cidr: string;
  /** Where its traffic to the internet goes: an id such as nat-… or igw-…; undefined without such a route. */
  readonly wayOut: string | undefined;
}

/** Traffic that a security group lets in or out. */
export interface Permission {
  /** "tcp", "-1" for everything, or another protocol's name or number. */
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidrs: readonly string[];
  readonly groupIds: readonly string[];
}

export interface NetworkGroup {
  readonly id: string;
  readonly name: string;
  readonly vpcId: string;
  readonly ingress: readonly Permission[];
  readonly egress: readonly Permission[];
}

/** A VPC's subnets, and the security groups that were asked for. */
export interface Network {
  readonly subnets: readonly NetworkSubnet[];
  readonly groups: readonly NetworkGroup[];
}

const toPermission = (permission: IpPermission): Permission => ({
  protocol: permission.IpProtocol ?? "",
  fromPort: permission.FromPort ?? 0,
  toPort: permission.ToPort ?? 65535,
  cidrs: (permission.IpRanges ?? []).flatMap(({ CidrIp }) => CidrIp ?? []),
  groupIds: (permission.UserIdGroupPairs ?? []).flatMap(({ GroupId }) => GroupId ?? []),
});

const toGroup = (group: SecurityGroup): NetworkGroup => ({
  id: group.GroupId ?? "",
  name: group.GroupName ?? "",
  vpcId: group.VpcId ?? "",
  ingress: (group.IpPermissions ?? []).map(toPermission),
  egress: (group.IpPermissionsEgress ?? []).map(toPermission),
});

/** A subnet without a route table of its own has the VPC's main one. */
const tableOf = (subnetId: string, tables: readonly RouteTable[]): RouteTable | undefined =>
  tables.find(({ Associations = [] }) => Associations.some(({ SubnetId }) => SubnetId === subnetId)) ??
  tables.find(({ Associations = [] }) => Associations.some(({ Main }) => Main === true));

const wayOut = (table: RouteTable | undefined): string | undefined => {
  const route = table?.Routes?.find((one) => one.DestinationCidrBlock === "0.0.0.0/0" && one.State !== "blackhole");
  if (!route) return undefined;
  return route.NatGatewayId ?? route.GatewayId ?? route.TransitGatewayId ?? route.NetworkInterfaceId ?? route.InstanceId ?? "";
};

const MAX_RESULTS = 1000;

export const readNetwork = async (
  { vpcId, groupIds }: { readonly vpcId: string; readonly groupIds: readonly string[] },
  api: PublishApi,
  signal: AbortSignal,
): Promise<Network> => {
  const { DescribeRouteTablesCommand, DescribeSecurityGroupsCommand, DescribeSubnetsCommand } = api.sdk;
  const inVpc = { Filters: [{ Name: "vpc-id", Values: [vpcId] }] };
  const asked = { Filters: [{ Name: "group-id", Values: [...groupIds] }], MaxResults: MAX_RESULTS };
  const { Subnets = [] } = await api.call("ec2:DescribeSubnets", signal, (client, options) =>
    client.send(new DescribeSubnetsCommand(inVpc), options),
  );
  const { RouteTables = [] } = await api.call("ec2:DescribeRouteTables", signal, (client, options) =>
    client.send(new DescribeRouteTablesCommand(inVpc), options),
  );
  const { SecurityGroups = [] } = await api.call("ec2:DescribeSecurityGroups", signal, (client, options) =>
    client.send(new DescribeSecurityGroupsCommand(asked), options),
  );
  const subnets = Subnets.map(({ SubnetId = "", AvailabilityZone = "", AvailabilityZoneId = "", CidrBlock = "" }) => ({
    id: SubnetId,
    zone: AvailabilityZone,
    zoneId: AvailabilityZoneId,
    cidr: CidrBlock,
    wayOut: wayOut(tableOf(SubnetId, RouteTables)),
  }));
  return { subnets, groups: SecurityGroups.map(toGroup) };
};
