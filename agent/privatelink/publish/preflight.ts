import type { Database } from "./database.ts";
import type { Network, NetworkSubnet } from "./network.ts";
import { covers, type MissingRule, missingRules } from "./rules.ts";
import { databaseId, type PublishWanted } from "./wanted.ts";

/** What was found out before anything is asked of CloudFormation. */
export interface Findings {
  /** What would not work; each a sentence with what would. */
  readonly problems: readonly string[];
  /** What works, and yet should be known. */
  readonly notes: readonly string[];
  readonly rules: readonly MissingRule[];
  /** The wanted subnets, in the order in which they were given. */
  readonly subnets: readonly NetworkSubnet[];
}

const HTTPS = 443;

const endpointProblems = (wanted: PublishWanted, database: Database): string[] => {
  const { endpoint, port, vpcId } = wanted;
  if (endpoint === database.readerEndpoint)
    return [
      `--endpoint ${endpoint} is a reader endpoint, whose address changes with every question. Give the cluster's own: ${database.endpoint}`,
    ];
  const problems: string[] = [];
  if (endpoint !== database.endpoint)
    problems.push(`--endpoint ${endpoint} is not ${database.id}'s, which is ${database.endpoint || "not known yet"}`);
  if (port !== database.port) problems.push(`--port ${port} is not ${database.id}'s, which is ${database.port}`);
  if (vpcId !== database.vpcId) problems.push(`--vpc ${vpcId} is not ${database.id}'s, which is ${database.vpcId || "none"}`);
  return problems;
};

const inZone = (zone: string, { subnets }: Network): string => {
  const there = subnets.filter((subnet) => subnet.zone === zone && subnet.wayOut?.startsWith("nat-")).map(({ id }) => id);
  return there.length > 0 ? `such as ${there.join(" or ")}` : "and none there has a route to a NAT gateway yet";
};

const zoneProblems = (chosen: readonly NetworkSubnet[], database: Database, network: Network): string[] => {
  const zones = chosen.map(({ zone }) => zone);
  const problems = zones.some((zone, place) => zones.indexOf(zone) !== place)
    ? [`The subnets are in ${zones.join(" and ")}: a load balancer takes one in each zone`]
    : [];
  const { zone, id } = database;
  if (zone !== undefined && chosen.length > 0 && !zones.includes(zone))
    problems.push(
      `--subnet: ${id} serves in ${zone}, and the subnets are in ${zones.join(", ")}. Give one in ${zone}, ${inZone(zone, network)}`,
    );
  return problems;
};

const wayProblem = ({ id, wayOut }: NetworkSubnet): string[] => {
  if (wayOut === undefined)
    return [`--subnet ${id} has no route to the internet (0.0.0.0/0), and the function calls AWS: it needs one to a NAT gateway`];
  if (wayOut.startsWith("igw-"))
    return [
      `--subnet ${id} leads to the internet gateway ${wayOut}, which a function cannot use: it needs a route to a NAT gateway`,
    ];
  return [];
};

const groupProblems = ({ securityGroupIds, vpcId }: PublishWanted, { groups }: Network): string[] =>
  securityGroupIds.flatMap((id) => {
    const group = groups.find((one) => one.id === id);
    if (!group) return [`--security-group ${id} is not to be found in this region`];
    return group.vpcId === vpcId ? [] : [`--security-group ${id} is in ${group.vpcId}, not in ${vpcId}`];
  });

const zoneNotes = (chosen: readonly NetworkSubnet[], { id, otherZones }: Database): string[] => {
  const without = otherZones.filter((zone) => !chosen.some((subnet) => subnet.zone === zone));
  if (without.length === 0) return [];
  return [
    `A failover may take ${id} to ${without.join(", ")}, where the load balancer has no subnet: another --subnet there keeps it in reach`,
  ];
};

const notesOf = (wanted: PublishWanted, chosen: readonly NetworkSubnet[], database: Database, { groups }: Network): string[] => {
  const notes = zoneNotes(chosen, database);
  if (database.clusterId !== undefined && wanted.rdsType === "instance")
    notes.push(
      `${database.id} belongs to the cluster ${database.clusterId}: its own endpoint does not follow the cluster's failover`,
    );
  if (database.status !== "available") notes.push(`${database.id} is ${database.status} now, not available`);
  for (const { id, wayOut } of chosen)
    if (wayOut !== undefined && !wayOut.startsWith("nat-") && !wayOut.startsWith("igw-"))
      notes.push(`${id} leads to the internet through ${wayOut || "something unknown"}: the function must reach AWS there`);
  const own = groups.filter(({ id }) => wanted.securityGroupIds.includes(id));
  if (own.length > 0 && !own.some(({ egress }) => egress.some((one) => covers(one, HTTPS))))
    notes.push(
      `${wanted.securityGroupIds.join(", ")} let no TCP ${HTTPS} out, and the function calls AWS: add the default outbound rule`,
    );
  return notes;
};

/** Judges what RDS and EC2 have shown. */
export const preflight = (wanted: PublishWanted, database: Database | undefined, network: Network): Findings => {
  const chosen = wanted.subnetIds.flatMap((id) => network.subnets.find((subnet) => subnet.id === id) ?? []);
  if (!database)
    return {
      problems: [
        `RDS has no DB ${wanted.rdsType} ${databaseId(wanted)} in ${wanted.region}: see --endpoint, --rds-type and --region`,
      ],
      notes: [],
      rules: [],
      subnets: chosen,
    };
  const unknown = wanted.subnetIds.filter((id) => !chosen.some((subnet) => subnet.id === id));
  const problems = [
    ...endpointProblems(wanted, database),
    ...unknown.map((id) => `--subnet ${id} is not in ${wanted.vpcId}`),
    ...zoneProblems(chosen, database, network),
    ...chosen.flatMap(wayProblem),
    ...groupProblems(wanted, network),
  ];
  const rules = missingRules({
    port: wanted.port,
    database: network.groups.filter(({ id }) => database.securityGroupIds.includes(id)),
    functionGroupIds: wanted.securityGroupIds,
    subnets: chosen,
  });
  return { problems, notes: notesOf(wanted, chosen, database, network), rules, subnets: chosen };
};
