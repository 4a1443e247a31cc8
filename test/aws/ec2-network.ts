import type {
  DescribeAvailabilityZonesResult,
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
  DescribeRouteTablesRequest,
  DescribeRouteTablesResult,
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  DescribeVpcAttributeRequest,
  DescribeVpcAttributeResult,
  DescribeVpcEndpointServicesRequest,
  DescribeVpcEndpointServicesResult,
  DescribeVpcsRequest,
  DescribeVpcsResult,
} from "@aws-sdk/client-ec2";
import { type Ec2World, ZONES, zoneIdOf } from "./ec2-world.ts";
import { AwsFault, type Operation, operation } from "./model/server.ts";
import { pageOf, passes } from "./paging.ts";

/** What is there before any endpoint: only described, never changed through the API. */
export const networkOperations = (world: Ec2World): Record<string, Operation> => ({
  DescribeAvailabilityZones: operation<object, DescribeAvailabilityZonesResult>(() => ({
    AvailabilityZones: Object.entries(ZONES).map(([ZoneName, ZoneId]) => ({
      ZoneName,
      ZoneId,
      RegionName: world.region,
      State: "available",
    })),
  })),

  DescribeVpcs: operation<DescribeVpcsRequest, DescribeVpcsResult>((asked) => {
    const vpcs = world.vpcs.filter(({ id }) => passes(asked.Filters, { "vpc-id": [id] }));
    const { items, ...rest } = pageOf(vpcs, asked, world.pageSize);
    return {
      Vpcs: items.map(({ id, cidr }) => ({
        VpcId: id,
        CidrBlock: cidr,
        CidrBlockAssociationSet: [{ CidrBlock: cidr, CidrBlockState: { State: "associated" } }],
        State: "available",
      })),
      ...rest,
    };
  }),

  DescribeVpcAttribute: operation<DescribeVpcAttributeRequest, DescribeVpcAttributeResult>(({ VpcId = "", Attribute }) => {
    const { dnsHostnames, dnsSupport } = world.vpc(VpcId);
    return Attribute === "enableDnsHostnames"
      ? { VpcId, EnableDnsHostnames: { Value: dnsHostnames } }
      : { VpcId, EnableDnsSupport: { Value: dnsSupport } };
  }),

  DescribeSubnets: operation<DescribeSubnetsRequest, DescribeSubnetsResult>((asked) => {
    const subnets = world.subnets.filter(({ id, vpcId }) => passes(asked.Filters, { "vpc-id": [vpcId], "subnet-id": [id] }));
    const { items, ...rest } = pageOf(subnets, asked, world.pageSize);
    return {
      Subnets: items.map(({ id, vpcId, zone, cidr }) => ({
        SubnetId: id,
        VpcId: vpcId,
        AvailabilityZone: zone,
        AvailabilityZoneId: zoneIdOf(zone),
        CidrBlock: cidr,
        State: "available",
      })),
      ...rest,
    };
  }),

  DescribeRouteTables: operation<DescribeRouteTablesRequest, DescribeRouteTablesResult>((asked) => {
    const tables = world.routeTables.filter(({ id, vpcId }) =>
      passes(asked.Filters, { "vpc-id": [vpcId], "route-table-id": [id] }),
    );
    const { items, ...rest } = pageOf(tables, asked, world.pageSize);
    return { RouteTables: items.map(({ id, vpcId }) => ({ RouteTableId: id, VpcId: vpcId })), ...rest };
  }),

  DescribeNetworkInterfaces: operation<DescribeNetworkInterfacesRequest, DescribeNetworkInterfacesResult>((asked) => {
    const all = world.shownEndpoints.flatMap((one) => world.interfacesOf(one).map((eni) => ({ ...eni, groupIds: one.groupIds })));
    const wanted = all.filter(({ id }) => passes(asked.Filters, { "network-interface-id": [id] }));
    const { items, ...rest } = pageOf(wanted, asked, world.pageSize);
    return {
      NetworkInterfaces: items.map(({ id, subnet, address, groupIds }) => ({
        NetworkInterfaceId: id,
        InterfaceType: "vpc_endpoint",
        PrivateIpAddress: address,
        SubnetId: subnet.id,
        VpcId: subnet.vpcId,
        AvailabilityZone: subnet.zone,
        Groups: groupIds.map((GroupId) => ({ GroupId })),
        Status: "in-use",
        RequesterManaged: true,
      })),
      ...rest,
    };
  }),

  DescribeVpcEndpointServices: operation<DescribeVpcEndpointServicesRequest, DescribeVpcEndpointServicesResult>((asked) => {
    const missing = (asked.ServiceNames ?? []).find((name) => !world.service(name));
    if (missing) throw new AwsFault("InvalidServiceName", `The Vpc Endpoint Service '${missing}' does not exist`);
    const all = world.services.filter(({ name }) => asked.ServiceNames?.includes(name) ?? true);
    const { items, ...rest } = pageOf(all, asked, world.pageSize);
    return {
      ServiceNames: items.map(({ name }) => name),
      ServiceDetails: items.map(({ name, type, zones, acceptance = false, policies = false, privateDnsName }) => ({
        ServiceName: name,
        ServiceType: [{ ServiceType: type }],
        AvailabilityZones: Object.keys(ZONES).filter((zone) => zones.includes(zoneIdOf(zone))),
        Owner: name.includes(".vpce.") ? "210987654321" : "amazon",
        AcceptanceRequired: acceptance,
        VpcEndpointPolicySupported: policies,
        ...(privateDnsName === undefined ? {} : { PrivateDnsName: privateDnsName }),
      })),
      ...rest,
    };
  }),
});
