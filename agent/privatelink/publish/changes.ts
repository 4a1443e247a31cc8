/** One change of a change set. Source: CloudFormation, DescribeChangeSet. */
export interface StackChange {
  /** Add, Modify, Remove, Import, Dynamic or anything newer. */
  readonly action: string;
  readonly logicalId: string;
  readonly type: string;
  /** Of a modification: True, False, Conditional or anything newer; "" without. */
  readonly replacement: string;
  /** What is modified: "Port", "Code", "Tags". */
  readonly properties: readonly string[];
}

/** What each resource of the template is for. */
const ROLES: Readonly<Record<string, string>> = {
  LoadBalancer: "internal Network Load Balancer",
  TargetGroup: "the database's addresses, for the load balancer",
  Listener: "TCP listener on the database's port",
  EndpointService: "VPC endpoint service, without acceptance",
  EndpointServicePermissions: "who may connect: the partner's account only",
  FunctionLog: "log of the function",
  FunctionRole: "IAM role of the function",
  Function: "function that follows the database's addresses",
  FunctionRetries: "no late repetitions of the function",
  EveryMinute: "schedule: each minute",
  DatabaseEvents: "schedule: when RDS tells of a failover",
  EveryMinutePermission: "permission for that schedule",
  DatabaseEventsPermission: "permission for that schedule",
};

const WORDS: Readonly<Record<string, string>> = { Add: "add", Remove: "remove", Modify: "modify" };

/** What replacing a resource means to those who use it. */
const LOSSES: Readonly<Record<string, string>> = {
  EndpointService: "the partner's endpoint ends, and the service gets a new name",
  LoadBalancer: "connections end",
  TargetGroup: "connections end; the new one is filled within a minute",
  Listener: "connections end",
};

const verb = ({ action, replacement }: StackChange): string => {
  if (action === "Modify" && replacement === "True") return "REPLACE";
  if (action === "Modify" && replacement === "Conditional") return "modify or REPLACE";
  return WORDS[action] ?? action;
};

const endings = ({ action, replacement, logicalId }: StackChange): string => {
  const replaced = replacement === "True" || replacement === "Conditional" || action === "Remove";
  const loss = LOSSES[logicalId];
  return replaced && loss !== undefined ? ` - ${loss}` : "";
};

/** "REPLACE  Listener  TCP listener on the database's port (Port) - connections end". */
export const changeText = (change: StackChange): string => {
  const properties = change.properties.length > 0 ? ` (${change.properties.join(", ")})` : "";
  return `${verb(change).padEnd(8)} ${change.logicalId}: ${ROLES[change.logicalId] ?? change.type}${properties}${endings(change)}`;
};

/** True when something that is in use goes away, even if for a moment. */
export const endsSomething = (change: StackChange): boolean => endings(change) !== "";
