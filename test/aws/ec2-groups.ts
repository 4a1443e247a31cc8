import type {
  AuthorizeSecurityGroupIngressRequest,
  CreateSecurityGroupRequest,
  CreateSecurityGroupResult,
  DeleteSecurityGroupRequest,
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
  IpPermission,
  RevokeSecurityGroupIngressRequest,
  SecurityGroupRule,
} from "@aws-sdk/client-ec2";
import type { Ec2World, WorldGroup } from "./ec2-world.ts";
import { AwsFault, type Operation, operation } from "./model/server.ts";
import { pageOf, passes } from "./paging.ts";

/** A rule a source, as EC2 makes of it. */
const rulesOf = ({ IpProtocol, FromPort, ToPort, IpRanges, Ipv6Ranges }: IpPermission): SecurityGroupRule[] =>
  [
    ...(IpRanges ?? []).map(({ CidrIp }) => ({ CidrIpv4: CidrIp })),
    ...(Ipv6Ranges ?? []).map(({ CidrIpv6 }) => ({ CidrIpv6 })),
  ].map((source) => ({ IpProtocol, FromPort, ToPort, IsEgress: false, ...source }));

const keyOf = ({ IpProtocol, FromPort, ToPort, CidrIpv4, CidrIpv6, IsEgress }: SecurityGroupRule): string =>
  [IpProtocol, FromPort, ToPort, CidrIpv4 ?? CidrIpv6, IsEgress].join();

const authorize = (world: Ec2World, group: WorldGroup, permissions: readonly IpPermission[]): SecurityGroupRule[] => {
  const made = permissions.flatMap(rulesOf);
  const twice = made.find((rule) => group.rules.some((other) => keyOf(other) === keyOf(rule)));
  if (twice) throw new AwsFault("InvalidPermission.Duplicate", `the specified rule "${keyOf(twice)}" already exists`);
  const rules = made.map((rule) => ({
    ...rule,
    SecurityGroupRuleId: world.newId("sgr"),
    GroupId: group.id,
    GroupOwnerId: world.account,
  }));
  group.rules.push(...rules);
  return rules;
};

const create = (world: Ec2World, asked: CreateSecurityGroupRequest): CreateSecurityGroupResult => {
  const { GroupName: name = "", Description: description = "", VpcId: vpcId = "", TagSpecifications } = asked;
  world.vpc(vpcId);
  if (world.groups.some((one) => one.vpcId === vpcId && one.name === name))
    throw new AwsFault("InvalidGroup.Duplicate", `The security group '${name}' already exists for VPC '${vpcId}'`);
  const tags = TagSpecifications?.[0]?.Tags ?? [];
  const id = world.newId("sg");
  // Every new group lets everything out.
  const egress = {
    SecurityGroupRuleId: world.newId("sgr"),
    GroupId: id,
    IsEgress: true,
    IpProtocol: "-1",
    FromPort: -1,
    ToPort: -1,
    CidrIpv4: "0.0.0.0/0",
  };
  world.groups.push({ id, name, description, vpcId, tags: [...tags], madeAt: world.now, rules: [egress] });
  return { GroupId: id, Tags: tags };
};

const remove = (world: Ec2World, id: string): void => {
  const group = world.group(id);
  const holder = world.endpoints.find((one) => one.groupIds.includes(id) && world.stateOf(one) !== "deleted");
  if (holder) throw new AwsFault("DependencyViolation", `resource ${id} has a dependent object`);
  world.groups.splice(world.groups.indexOf(group), 1);
};

export const groupOperations = (world: Ec2World): Record<string, Operation> => ({
  CreateSecurityGroup: operation<CreateSecurityGroupRequest, CreateSecurityGroupResult>((asked) => create(world, asked)),

  DescribeSecurityGroups: operation<DescribeSecurityGroupsRequest, DescribeSecurityGroupsResult>((asked) => {
    const shown = world.groups.filter(
      (one) =>
        world.isShown(one) &&
        passes(asked.Filters, { "vpc-id": [one.vpcId], "group-name": [one.name], "group-id": [one.id] }, one.tags),
    );
    const { items, ...rest } = pageOf(shown, asked, world.pageSize);
    return {
      SecurityGroups: items.map(({ id, name, description, vpcId, tags }) => ({
        GroupId: id,
        GroupName: name,
        Description: description,
        VpcId: vpcId,
        OwnerId: world.account,
        Tags: tags,
      })),
      ...rest,
    };
  }),

  DescribeSecurityGroupRules: operation<DescribeSecurityGroupRulesRequest, DescribeSecurityGroupRulesResult>((asked) => {
    const rules = world.groups
      .flatMap((one) => one.rules)
      .filter(({ GroupId = "" }) => passes(asked.Filters, { "group-id": [GroupId] }));
    const { items, ...rest } = pageOf(rules, asked, world.pageSize);
    return { SecurityGroupRules: items, ...rest };
  }),

  AuthorizeSecurityGroupIngress: operation<AuthorizeSecurityGroupIngressRequest, object>(
    ({ GroupId = "", IpPermissions = [] }) => ({
      Return: true,
      SecurityGroupRules: authorize(world, world.group(GroupId), IpPermissions),
    }),
  ),

  RevokeSecurityGroupIngress: operation<RevokeSecurityGroupIngressRequest, object>(
    ({ GroupId = "", SecurityGroupRuleIds = [] }) => {
      const group = world.group(GroupId);
      const missing = SecurityGroupRuleIds.find(
        (id) => !group.rules.some((rule) => rule.SecurityGroupRuleId === id && !rule.IsEgress),
      );
      if (missing)
        throw new AwsFault("InvalidSecurityGroupRuleId.NotFound", `The security group rule ID '${missing}' does not exist`);
      group.rules = group.rules.filter(({ SecurityGroupRuleId = "" }) => !SecurityGroupRuleIds.includes(SecurityGroupRuleId));
      return { Return: true };
    },
  ),

  DeleteSecurityGroup: operation<DeleteSecurityGroupRequest, object>(({ GroupId = "" }) => {
    remove(world, GroupId);
    return {};
  }),
});
