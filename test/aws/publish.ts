/* What `publish-rds` meets in one account: RDS, the network round the database, and CloudFormation, as one server. */
import type {
  AuthorizeSecurityGroupIngressRequest,
  DescribeRouteTablesRequest,
  DescribeRouteTablesResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  RouteTable,
  SecurityGroup,
  Subnet,
} from "@aws-sdk/client-ec2";
import type {
  DBCluster,
  DBClusterMessage,
  DBInstance,
  DBInstanceMessage,
  DescribeDBClustersMessage,
  DescribeDBInstancesMessage,
} from "@aws-sdk/client-rds";
import { cloudformationService } from "./cloudformation.ts";
import { ACCOUNT, REGION, StackWorld } from "./cloudformation-world.ts";
import { isAllowed } from "./iam.ts";
import { AwsFault, AwsServer, type Call, type Operation, operation } from "./model/server.ts";
import { loadModel } from "./model/service-model.ts";
import { passes } from "./paging.ts";

/** What there is round one database. Tests change it as its owner would. */
export class PublishWorld {
  readonly stacks = new StackWorld();
  readonly instances: DBInstance[] = [];
  readonly clusters: DBCluster[] = [];
  readonly subnets: Subnet[] = [];
  readonly routeTables: RouteTable[] = [];
  readonly groups: SecurityGroup[] = [];

  group(id: string): SecurityGroup {
    const group = this.groups.find(({ GroupId }) => GroupId === id);
    if (!group) throw new AwsFault("InvalidGroup.NotFound", `The security group '${id}' does not exist`);
    return group;
  }
}

/** Source: EC2 API reference, IpRange. */
const DESCRIPTION = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{0,255}$/;

const authorize = (group: SecurityGroup, { IpPermissions = [] }: AuthorizeSecurityGroupIngressRequest): void => {
  const there = JSON.stringify(group.IpPermissions ?? []);
  for (const permission of IpPermissions) {
    const sources = [...(permission.IpRanges ?? []), ...(permission.UserIdGroupPairs ?? [])];
    for (const { Description = "" } of sources)
      if (!DESCRIPTION.test(Description))
        throw new AwsFault("InvalidParameterValue", `Invalid rule description '${Description}'`);
    if (there.includes(JSON.stringify(permission)))
      throw new AwsFault("InvalidPermission.Duplicate", "the specified rule already exists");
    group.IpPermissions = [...(group.IpPermissions ?? []), permission];
  }
};

const ec2Operations = (world: PublishWorld): Record<string, Operation> => ({
  DescribeSubnets: operation<DescribeSubnetsRequest, DescribeSubnetsResult>(({ Filters }) => ({
    Subnets: world.subnets.filter(({ VpcId = "" }) => passes(Filters, { "vpc-id": [VpcId] })),
  })),
  DescribeRouteTables: operation<DescribeRouteTablesRequest, DescribeRouteTablesResult>(({ Filters }) => ({
    RouteTables: world.routeTables.filter(({ VpcId = "" }) => passes(Filters, { "vpc-id": [VpcId] })),
  })),
  DescribeSecurityGroups: operation<DescribeSecurityGroupsRequest, DescribeSecurityGroupsResult>(({ Filters }) => ({
    SecurityGroups: world.groups.filter(({ GroupId = "" }) => passes(Filters, { "group-id": [GroupId] })),
  })),
  AuthorizeSecurityGroupIngress: operation<AuthorizeSecurityGroupIngressRequest, object>((asked) => {
    authorize(world.group(asked.GroupId ?? ""), asked);
    return { Return: true };
  }),
});

const rdsOperations = (world: PublishWorld): Record<string, Operation> => ({
  DescribeDBInstances: operation<DescribeDBInstancesMessage, DBInstanceMessage>(({ DBInstanceIdentifier: id, Filters }) => {
    const ofCluster = Filters?.find(({ Name }) => Name === "db-cluster-id")?.Values ?? [];
    const found = world.instances.filter((one) =>
      id === undefined ? ofCluster.includes(one.DBClusterIdentifier ?? "") : one.DBInstanceIdentifier === id,
    );
    if (id !== undefined && found.length === 0) throw new AwsFault("DBInstanceNotFound", `DBInstance ${id} not found.`, 404);
    return { DBInstances: found };
  }),
  DescribeDBClusters: operation<DescribeDBClustersMessage, DBClusterMessage>(({ DBClusterIdentifier: id }) => {
    const found = world.clusters.filter(({ DBClusterIdentifier }) => DBClusterIdentifier === id);
    if (found.length === 0) throw new AwsFault("DBClusterNotFoundFault", `DBCluster ${id} not found.`, 404);
    return { DBClusters: found };
  }),
});

const CLASSES: Readonly<Record<string, (call: Call) => string>> = {
  ec2: () => "*",
  rds: ({ params }) =>
    `arn:aws:rds:${REGION}:${ACCOUNT}:db:${String(params.DBInstanceIdentifier ?? params.DBClusterIdentifier ?? "*")}`,
};

const judge =
  ({ stacks: { policy } }: PublishWorld) =>
  (call: Call): void => {
    const action = `${call.service}:${call.action}`;
    const resource = CLASSES[call.service]?.(call) ?? "*";
    if (!policy || isAllowed(policy, { action, resource, context: { "aws:RequestedRegion": call.caller.region } })) return;
    const code = call.service === "ec2" ? "UnauthorizedOperation" : "AccessDenied";
    throw new AwsFault(code, `User is not authorized to perform: ${action} on resource: ${resource}`, 403);
  };

export const startPublish = async (world: PublishWorld): Promise<AwsServer> => {
  const before = judge(world);
  const server = new AwsServer([
    { model: await loadModel("ec2", "2016-11-15"), operations: ec2Operations(world), before },
    { model: await loadModel("rds", "2014-10-31"), operations: rdsOperations(world), before },
    await cloudformationService(world.stacks),
  ]);
  await server.start();
  return server;
};
