import type {
  CreateVpcEndpointRequest,
  CreateVpcEndpointResult,
  DeleteVpcEndpointsRequest,
  DeleteVpcEndpointsResult,
  DescribeVpcEndpointsRequest,
  DescribeVpcEndpointsResult,
  ModifyVpcEndpointRequest,
  VpcEndpoint,
} from "@aws-sdk/client-ec2";
import { type Ec2World, FULL_ACCESS, type WorldEndpoint, type WorldService, zoneIdOf } from "./ec2-world.ts";
import { AwsFault, type Operation, operation } from "./model/server.ts";
import { pageOf, passes } from "./paging.ts";

/** The endpoint's own names, and the service's own where private DNS is on. */
export const namesOf = (world: Ec2World, { id, type, serviceName, privateDns, subnetIds }: WorldEndpoint): string[] => {
  const suffix = `${serviceName
    .split(".")
    .slice(serviceName.includes(".vpce.") ? 4 : 3)
    .join(".")}.${world.region}.vpce.amazonaws.com`;
  const zonal = subnetIds.map((subnet) => `${id}-a1b2c3d4-${world.subnet(subnet).zone}.${suffix}`);
  const own = world.service(serviceName, type)?.privateDnsName;
  return [`${id}-a1b2c3d4.${suffix}`, ...zonal, ...(privateDns && own !== undefined ? [own] : [])];
};

const described = (world: Ec2World, one: WorldEndpoint): VpcEndpoint =>
  one.before && one.deletedAt === undefined && world.now < one.changedAt + world.pace.changeShown
    ? one.before
    : asItIs(world, one);

const asItIs = (world: Ec2World, one: WorldEndpoint): VpcEndpoint => ({
  VpcEndpointId: one.id,
  VpcEndpointType: one.type,
  VpcId: one.vpcId,
  ServiceName: one.serviceName,
  State: world.stateOf(one) as NonNullable<VpcEndpoint["State"]>,
  PolicyDocument: one.policy,
  RouteTableIds: one.routeTableIds,
  SubnetIds: one.subnetIds,
  Groups: one.groupIds.map((GroupId) => ({ GroupId })),
  PrivateDnsEnabled: one.privateDns,
  RequesterManaged: false,
  NetworkInterfaceIds: world.interfacesOf(one).map(({ id }) => id),
  DnsEntries: one.type === "Gateway" ? [] : namesOf(world, one).map((DnsName) => ({ DnsName, HostedZoneId: "Z7HUB22UULQXV" })),
  CreationTimestamp: new Date(one.madeAt),
  Tags: one.tags,
  OwnerId: world.account,
  ...(one.forced === "failed" ? { LastError: { Code: "InternalError", Message: "The endpoint could not be created." } } : {}),
});

/** One bad subnet fails the whole call. */
const checkSubnets = (world: Ec2World, service: WorldService, ids: readonly string[]): void => {
  const zones = ids.map((id) => world.subnet(id).zone);
  const bad = ids.find((id) => !service.zones.includes(zoneIdOf(world.subnet(id).zone)));
  if (bad)
    throw new AwsFault(
      "InvalidParameter",
      `The VPC endpoint service ${service.name} does not support the availability zone of the subnet: ${bad}.`,
    );
  if (new Set(zones).size < zones.length)
    throw new AwsFault(
      "DuplicateSubnetsInSameZone",
      `Found another VPC endpoint subnet in the availability zone of ${ids.at(-1)}`,
    );
};

const checkPrivateDns = (world: Ec2World, vpcId: string, service: WorldService, own?: WorldEndpoint): void => {
  const { dnsHostnames, dnsSupport } = world.vpc(vpcId);
  if (!dnsHostnames || !dnsSupport)
    throw new AwsFault(
      "InvalidParameter",
      "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true",
    );
  if (service.privateDnsName === undefined)
    throw new AwsFault(
      "InvalidParameter",
      `Private DNS can't be enabled because the service ${service.name} does not provide a private DNS name.`,
    );
  const taken = world.livingEndpoints.some(
    (one) => one !== own && one.vpcId === vpcId && one.privateDns && one.serviceName === service.name,
  );
  if (taken)
    throw new AwsFault(
      "InvalidParameter",
      `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${service.privateDnsName} in the VPC ${vpcId}`,
    );
};

const checkRoutes = (world: Ec2World, serviceName: string, ids: readonly string[], own?: WorldEndpoint): void => {
  for (const id of ids) {
    if (!world.routeTables.some((one) => one.id === id))
      throw new AwsFault("InvalidRouteTableId.NotFound", `The routeTable ID '${id}' does not exist`);
    const taken = world.livingEndpoints.some(
      (one) => one !== own && one.serviceName === serviceName && one.routeTableIds.includes(id),
    );
    if (taken)
      throw new AwsFault(
        "RouteAlreadyExists",
        `route table ${id} already has a route with destination-prefix-list-id pl-63a5400a`,
      );
  }
};

const fresh = (world: Ec2World, asked: CreateVpcEndpointRequest): WorldEndpoint => {
  const { VpcId = "", ServiceName = "", VpcEndpointType, SubnetIds = [], SecurityGroupIds = [], RouteTableIds = [] } = asked;
  const service = world.service(ServiceName, VpcEndpointType ?? "Gateway");
  world.vpc(VpcId);
  if (!service) throw new AwsFault("InvalidServiceName", `The Vpc Endpoint Service '${ServiceName}' does not exist`);
  if (service.type !== (VpcEndpointType ?? "Gateway"))
    throw new AwsFault(
      "InvalidParameter",
      `Endpoint type (${VpcEndpointType}) does not match available service types ([${service.type}]).`,
    );
  for (const id of SecurityGroupIds) world.group(id);
  checkSubnets(world, service, SubnetIds);
  checkRoutes(world, ServiceName, RouteTableIds);
  // EC2 switches it on where it is not said.
  const privateDns = service.type === "Interface" && asked.PrivateDnsEnabled !== false;
  if (privateDns) checkPrivateDns(world, VpcId, service);
  return {
    id: world.newId("vpce"),
    type: service.type,
    vpcId: VpcId,
    serviceName: ServiceName,
    madeAt: world.now,
    token: asked.ClientToken ?? "",
    tags: [...(asked.TagSpecifications?.[0]?.Tags ?? [])],
    subnetIds: [...SubnetIds],
    groupIds: [...SecurityGroupIds],
    routeTableIds: [...RouteTableIds],
    privateDns,
    policy: asked.PolicyDocument ?? FULL_ACCESS,
    changedAt: world.now,
    deletedAt: undefined,
    forced: undefined,
  };
};

interface Remembered {
  readonly params: string;
  readonly endpoint: WorldEndpoint;
  readonly first: VpcEndpoint;
}

const creating = (world: Ec2World) => {
  const tokens = new Map<string, Remembered>();
  return (asked: CreateVpcEndpointRequest): CreateVpcEndpointResult => {
    const known = tokens.get(asked.ClientToken ?? "");
    const params = JSON.stringify(asked);
    if (known && known.params !== params)
      throw new AwsFault(
        "IdempotentParameterMismatch",
        "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
      );
    if (known)
      return {
        ClientToken: asked.ClientToken,
        VpcEndpoint: world.repeats === "first" ? known.first : described(world, known.endpoint),
      };
    const endpoint = fresh(world, asked);
    world.endpoints.push(endpoint);
    const first = described(world, endpoint);
    if (asked.ClientToken !== undefined) tokens.set(asked.ClientToken, { params, endpoint, first });
    return { ClientToken: asked.ClientToken, VpcEndpoint: first };
  };
};

const changed = (before: readonly string[], add: readonly string[] = [], remove: readonly string[] = []): string[] => [
  ...before.filter((id) => !remove.includes(id)),
  ...add.filter((id) => !before.includes(id)),
];

const modify = (world: Ec2World, asked: ModifyVpcEndpointRequest): void => {
  const one = world.endpoint(asked.VpcEndpointId ?? "");
  const service = world.service(one.serviceName, one.type);
  if (world.stateOf(one) !== "available") throw new AwsFault("IncorrectState", `${one.id} is ${world.stateOf(one)}`);
  const subnetIds = changed(one.subnetIds, asked.AddSubnetIds, asked.RemoveSubnetIds);
  const routeTableIds = changed(one.routeTableIds, asked.AddRouteTableIds, asked.RemoveRouteTableIds);
  for (const id of asked.AddSecurityGroupIds ?? []) world.group(id);
  if (service) checkSubnets(world, service, subnetIds);
  checkRoutes(world, one.serviceName, routeTableIds, one);
  if (asked.PrivateDnsEnabled && service) checkPrivateDns(world, one.vpcId, service, one);
  one.before = asItIs(world, one);
  one.subnetIds = subnetIds;
  one.routeTableIds = routeTableIds;
  one.groupIds = changed(one.groupIds, asked.AddSecurityGroupIds, asked.RemoveSecurityGroupIds);
  one.privateDns = asked.PrivateDnsEnabled ?? one.privateDns;
  one.policy = asked.ResetPolicy ? FULL_ACCESS : (asked.PolicyDocument ?? one.policy);
  one.changedAt = world.now;
};

/** What cannot be deleted is listed, and the call succeeds all the same. */
const remove = (world: Ec2World, ids: readonly string[], held: ReadonlyMap<string, string>): DeleteVpcEndpointsResult => ({
  Unsuccessful: ids.flatMap((id) => {
    const one = world.endpoints.find((other) => other.id === id && other.deletedAt === undefined);
    const why = held.get(id);
    if (one && why === undefined) {
      one.deletedAt = world.now;
      return [];
    }
    const error =
      why === undefined
        ? { Code: "InvalidVpcEndpoint.NotFound", Message: `The Vpc Endpoint Id '${id}' does not exist` }
        : { Code: "OperationNotPermitted", Message: why };
    return [{ ResourceId: id, Error: error }];
  }),
});

/** `held`: endpoints that cannot be deleted, with the reason. */
export const endpointOperations = (world: Ec2World, held: ReadonlyMap<string, string>): Record<string, Operation> => ({
  CreateVpcEndpoint: operation<CreateVpcEndpointRequest, CreateVpcEndpointResult>(creating(world)),

  DescribeVpcEndpoints: operation<DescribeVpcEndpointsRequest, DescribeVpcEndpointsResult>((asked) => {
    const fields = (one: WorldEndpoint) => ({
      "vpc-id": [one.vpcId],
      "service-name": [one.serviceName],
      "vpc-endpoint-id": [one.id],
    });
    const shown = world.shownEndpoints.filter((one) => passes(asked.Filters, fields(one), one.tags));
    const { items, ...rest } = pageOf(shown, asked, world.pageSize);
    return { VpcEndpoints: items.map((one) => described(world, one)), ...rest };
  }),

  ModifyVpcEndpoint: operation<ModifyVpcEndpointRequest, object>((asked) => {
    modify(world, asked);
    return { Return: true };
  }),

  DeleteVpcEndpoints: operation<DeleteVpcEndpointsRequest, DeleteVpcEndpointsResult>(({ VpcEndpointIds = [] }) =>
    remove(world, VpcEndpointIds, held),
  ),
});
