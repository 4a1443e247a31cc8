/* What to change in the target group, decided from what was seen. No name is asked and no call is made here. */

/** A member of the target group. Source: ELBv2, DescribeTargetHealth. */
export interface Target {
  readonly address: string;
  readonly port: number;
  /** initial, healthy, unhealthy, unused, draining, unavailable, unhealthy.draining or anything newer. */
  readonly state: string;
}

/** A target that still has connections and gets no new ones: as good as not registered. */
const isMember = ({ state }: Target): boolean => state !== "draining";

/** What the load balancer sends nobody to, as long as it has a better one. */
const USELESS: readonly string[] = ["unhealthy", "unused"];

const isNamed = ({ address, port }: Target, named: ReadonlySet<string>, databasePort: number): boolean =>
  port === databasePort && named.has(address);

/** The named addresses that are not in the group, or are on their way out of it. */
export const missing = (named: readonly string[], targets: readonly Target[], port: number): string[] => {
  const members = new Set(targets.filter((target) => isMember(target) && target.port === port).map(({ address }) => address));
  return named.filter((address) => !members.has(address));
};

/** Members that the database's name no longer leads to. */
export const stale = (named: readonly string[], targets: readonly Target[], port: number): Target[] => {
  const names = new Set(named);
  return targets.filter((target) => isMember(target) && !isNamed(target, names, port));
};

/** Whether the load balancer sends clients to an address that the name leads to. */
export const hasHealthy = (named: readonly string[], targets: readonly Target[], port: number): boolean => {
  const names = new Set(named);
  return targets.some((target) => target.state === "healthy" && isNamed(target, names, port));
};

/**
 * The stale members that may leave now. As long as no named address is healthy, one that is healthy itself stays; and the last
 * member never leaves, for a named one has to be in the group.
 */
export const leaving = (named: readonly string[], targets: readonly Target[], port: number): Target[] => {
  const names = new Set(named);
  if (!targets.some((target) => isMember(target) && isNamed(target, names, port))) return [];
  const gone = stale(named, targets, port);
  return hasHealthy(named, targets, port) ? gone : gone.filter(({ state }) => USELESS.includes(state));
};
