import type { SecurityGroup, SecurityGroupRule, ServiceDetail, Subnet, Tag, VpcEndpoint } from "@aws-sdk/client-ec2";
import { oneLine } from "../../lib/text.ts";
import { type Endpoint, LINK_TAG } from "../../model/privatelink.ts";
import type { IngressRule, LinkGroup, LinkService, LinkSubnet } from "../../model/privatelink-plan.ts";

/* EC2's answers in the project's words. Every member may be missing; text is made fit to be shown. */

const text = (value: string | undefined): string => oneLine(value ?? "");

const tagsOf = (tags: readonly Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""]));

/** True for what the agent made for the link of that name. */
export const bears =
  (linkName: string) =>
  ({ tags }: Pick<Endpoint, "tags">): boolean =>
    tags[LINK_TAG] === linkName;

const defined = (values: readonly (string | undefined)[] | undefined): string[] =>
  (values ?? []).filter((value) => value !== undefined);

const lastErrorOf = ({ LastError, FailureReason }: VpcEndpoint): string | null => {
  const { Code, Message } = LastError ?? {};
  return [Code, Message].filter(Boolean).map(text).join(": ") || text(FailureReason) || null;
};

/** `addresses`: of the endpoint's network interfaces. */
export const toEndpoint = (one: VpcEndpoint, addresses: readonly string[]): Endpoint => ({
  id: one.VpcEndpointId ?? "",
  // An endpoint of the time before there were other types.
  type: one.VpcEndpointType ?? "Gateway",
  vpcId: one.VpcId ?? "",
  serviceName: one.ServiceName ?? "",
  state: text(one.State),
  subnetIds: one.SubnetIds ?? [],
  securityGroupIds: defined(one.Groups?.map(({ GroupId }) => GroupId)),
  routeTableIds: one.RouteTableIds ?? [],
  privateDns: one.PrivateDnsEnabled ?? false,
  dnsNames: defined(one.DnsEntries?.map(({ DnsName }) => DnsName)),
  addresses,
  policy: one.PolicyDocument ?? "",
  tags: tagsOf(one.Tags),
  createdAt: one.CreationTimestamp?.getTime() ?? null,
  lastError: lastErrorOf(one),
});

export const toSubnet = ({ SubnetId, VpcId, AvailabilityZoneId, AvailabilityZone, CidrBlock }: Subnet): LinkSubnet => ({
  id: SubnetId ?? "",
  vpcId: VpcId ?? "",
  zoneId: AvailabilityZoneId ?? "",
  zoneName: AvailabilityZone ?? "",
  cidr: CidrBlock ?? "",
});

/** `zoneIds` by zone name, for services whose zones AWS names only. */
export const toService = (one: ServiceDetail, zoneIds: ReadonlyMap<string, string>): LinkService => ({
  name: one.ServiceName ?? "",
  types: defined(one.ServiceType?.map(({ ServiceType }) => ServiceType)),
  zoneIds: one.AvailabilityZoneIds ?? defined(one.AvailabilityZones?.map((name) => zoneIds.get(name))),
  acceptanceRequired: one.AcceptanceRequired ?? false,
  policySupported: one.VpcEndpointPolicySupported ?? false,
  privateDnsName: one.PrivateDnsName ?? one.PrivateDnsNames?.[0]?.PrivateDnsName ?? "",
});

const toRule = (one: SecurityGroupRule): IngressRule => ({
  id: one.SecurityGroupRuleId ?? "",
  protocol: one.IpProtocol ?? "-1",
  fromPort: one.FromPort ?? -1,
  toPort: one.ToPort ?? -1,
  source: one.CidrIpv4 ?? one.CidrIpv6 ?? one.ReferencedGroupInfo?.GroupId ?? one.PrefixListId ?? "",
});

/** `rules`: in both directions. */
export const toGroup = (one: SecurityGroup, rules: readonly SecurityGroupRule[]): LinkGroup => ({
  id: one.GroupId ?? "",
  name: one.GroupName ?? "",
  vpcId: one.VpcId ?? "",
  tags: tagsOf(one.Tags),
  ingress: rules.filter(({ IsEgress }) => IsEgress !== true).map(toRule),
});
