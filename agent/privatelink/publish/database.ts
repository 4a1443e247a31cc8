import type { DBCluster, DBInstance } from "@aws-sdk/client-rds";
import { isAwsRefusal } from "../../lib/aws-error.ts";
import type { PublishApi } from "./api.ts";
import { databaseId, type PublishWanted } from "./wanted.ts";

/** The database as RDS shows it. */
export interface Database {
  readonly id: string;
  /** RDS's own word: available, failing-over, … */
  readonly status: string;
  /** "" as long as it has none. */
  readonly endpoint: string;
  /** A cluster's endpoint whose answers change from question to question; "" without one. */
  readonly readerEndpoint: string;
  readonly port: number;
  readonly vpcId: string;
  /** Where it serves now; undefined when RDS does not say. */
  readonly zone: string | undefined;
  /** Where a failover may take it. */
  readonly otherZones: readonly string[];
  readonly securityGroupIds: readonly string[];
  /** Of an instance that belongs to a cluster. */
  readonly clusterId: string | undefined;
}

const groupIds = (groups: readonly { readonly VpcSecurityGroupId?: string | undefined }[] | undefined): string[] =>
  (groups ?? []).flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? []);

const fromInstance = (instance: DBInstance): Database => ({
  id: instance.DBInstanceIdentifier ?? "",
  status: instance.DBInstanceStatus ?? "",
  endpoint: instance.Endpoint?.Address ?? "",
  readerEndpoint: "",
  port: instance.Endpoint?.Port ?? 0,
  vpcId: instance.DBSubnetGroup?.VpcId ?? "",
  zone: instance.AvailabilityZone,
  otherZones: instance.SecondaryAvailabilityZone ? [instance.SecondaryAvailabilityZone] : [],
  securityGroupIds: groupIds(instance.VpcSecurityGroups),
  clusterId: instance.DBClusterIdentifier,
});

/** A cluster does not say where its members are: they do. */
const fromCluster = (cluster: DBCluster, members: readonly DBInstance[]): Database => {
  const writers = (cluster.DBClusterMembers ?? []).flatMap((member) =>
    member.IsClusterWriter ? (member.DBInstanceIdentifier ?? []) : [],
  );
  const zone = members.find(({ DBInstanceIdentifier = "" }) => writers.includes(DBInstanceIdentifier))?.AvailabilityZone;
  const zones = new Set(members.flatMap(({ AvailabilityZone }) => AvailabilityZone ?? []));
  return {
    id: cluster.DBClusterIdentifier ?? "",
    status: cluster.Status ?? "",
    endpoint: cluster.Endpoint ?? "",
    readerEndpoint: cluster.ReaderEndpoint ?? "",
    port: cluster.Port ?? 0,
    vpcId: members[0]?.DBSubnetGroup?.VpcId ?? "",
    zone,
    otherZones: [...zones].filter((one) => one !== zone),
    securityGroupIds: groupIds(cluster.VpcSecurityGroups),
    clusterId: undefined,
  };
};

const absent = (thrown: unknown): undefined => {
  if (isAwsRefusal(thrown, "DBInstanceNotFound", "DBInstanceNotFoundFault", "DBClusterNotFoundFault")) return undefined;
  throw thrown;
};

const readCluster = async (id: string, api: PublishApi, signal: AbortSignal): Promise<Database | undefined> => {
  const { DescribeDBClustersCommand, DescribeDBInstancesCommand } = api.sdk;
  const found = await api
    .call("rds:DescribeDBClusters", signal, (client, options) =>
      client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: id }), options),
    )
    .catch(absent);
  const cluster = found?.DBClusters?.[0];
  if (!cluster) return undefined;
  const { DBInstances = [] } = await api.call("rds:DescribeDBInstances", signal, (client, options) =>
    client.send(new DescribeDBInstancesCommand({ Filters: [{ Name: "db-cluster-id", Values: [id] }] }), options),
  );
  return fromCluster(cluster, DBInstances);
};

const readInstance = async (id: string, api: PublishApi, signal: AbortSignal): Promise<Database | undefined> => {
  const { DescribeDBInstancesCommand } = api.sdk;
  const found = await api
    .call("rds:DescribeDBInstances", signal, (client, options) =>
      client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }), options),
    )
    .catch(absent);
  const instance = found?.DBInstances?.[0];
  return instance && fromInstance(instance);
};

/** undefined: RDS has none of this name in this region. */
export const readDatabase = (wanted: PublishWanted, api: PublishApi, signal: AbortSignal): Promise<Database | undefined> =>
  (wanted.rdsType === "cluster" ? readCluster : readInstance)(databaseId(wanted), api, signal);
