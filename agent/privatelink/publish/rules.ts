import { cidrContains, parseCidr } from "../../lib/ip.ts";
import type { NetworkGroup, NetworkSubnet, Permission } from "./network.ts";

/** A rule that the database's security group lacks: TCP on the port, from a group or from a block. */
export interface MissingRule {
  readonly groupId: string;
  readonly port: number;
  readonly from: { readonly groupId: string } | { readonly cidr: string };
  /** Whose traffic that is, in characters that EC2 takes in a description: no apostrophe. */
  readonly why: string;
}

export const covers = (permission: Permission, port: number): boolean =>
  permission.protocol === "-1" ||
  ((permission.protocol === "tcp" || permission.protocol === "6") && permission.fromPort <= port && port <= permission.toPort);

const within = (cidr: string, blocks: readonly string[]): boolean => {
  const inner = parseCidr(cidr);
  if (!inner) return false;
  return blocks.some((block) => {
    const outer = parseCidr(block);
    return outer !== undefined && cidrContains(outer, inner);
  });
};

interface Asked {
  readonly port: number;
  /** The database's own groups; what one of them lets in comes in. */
  readonly database: readonly NetworkGroup[];
  readonly functionGroupIds: readonly string[];
  readonly subnets: readonly NetworkSubnet[];
}

/** The rules that are not there yet: the load balancer's subnets, and the function's look at the port. */
export const missingRules = ({ port, database, functionGroupIds, subnets }: Asked): MissingRule[] => {
  const open = database.flatMap(({ ingress }) => ingress).filter((permission) => covers(permission, port));
  const blocks = open.flatMap(({ cidrs }) => cidrs);
  const groups = open.flatMap(({ groupIds }) => groupIds);
  const [first] = database;
  if (!first) return [];
  const closed = subnets.filter(({ cidr }) => !within(cidr, blocks));
  const rules: MissingRule[] = closed.map(({ cidr, id }) => ({
    groupId: first.id,
    port,
    from: { cidr },
    why: `addresses of the load balancer in ${id}`,
  }));
  const [functionGroup] = functionGroupIds;
  const functionComes = closed.length === 0 || functionGroupIds.some((id) => groups.includes(id));
  if (!functionComes && functionGroup !== undefined)
    rules.push({ groupId: first.id, port, from: { groupId: functionGroup }, why: "the function, which tells what it reaches" });
  return rules;
};

/** "sg-0d: allow TCP 5432 from 10.0.1.0/24 (why)". */
export const ruleText = ({ groupId, port, from, why }: MissingRule): string =>
  `${groupId}: allow TCP ${port} from ${"cidr" in from ? from.cidr : from.groupId} (${why})`;
