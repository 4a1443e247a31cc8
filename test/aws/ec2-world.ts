import type { SecurityGroupRule, Tag, VpcEndpoint } from "@aws-sdk/client-ec2";
import type { Policy } from "./iam.ts";
import { AwsFault } from "./model/server.ts";

export interface WorldVpc {
  readonly id: string;
  readonly cidr: string;
  dnsHostnames: boolean;
  dnsSupport: boolean;
}

export interface WorldSubnet {
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly cidr: string;
}

export interface WorldService {
  readonly name: string;
  readonly type: "Interface" | "Gateway";
  /** Zone ids. */
  readonly zones: readonly string[];
  readonly acceptance?: boolean;
  readonly policies?: boolean;
  readonly privateDnsName?: string;
}

export interface WorldGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  readonly tags: Tag[];
  madeAt: number;
  rules: SecurityGroupRule[];
}

export interface WorldEndpoint {
  readonly id: string;
  readonly type: "Interface" | "Gateway";
  readonly vpcId: string;
  readonly serviceName: string;
  madeAt: number;
  readonly token: string;
  tags: Tag[];
  subnetIds: string[];
  groupIds: string[];
  routeTableIds: string[];
  privateDns: boolean;
  policy: string;
  changedAt: number;
  /** How it was described before its last change. */
  before?: VpcEndpoint;
  deletedAt: number | undefined;
  /** A state that time does not bring: rejected, failed, or one that nobody knows yet. */
  forced: string | undefined;
}

/** How long things take, milliseconds. */
export interface Pace {
  /** Until something that was made is shown. */
  shown: number;
  /** Until the provider accepts. */
  acceptance: number;
  /** Until a change is shown: before that, an endpoint is described as it was. */
  changeShown: number;
  /** Until a creation or a change is done. */
  pending: number;
  /** Until a deletion is done, and as long again until the endpoint is not shown any more. */
  deleting: number;
}

/** This account's own names for the region's zones: they do not follow the ids. */
export const ZONES: Readonly<Record<string, string>> = {
  "us-east-1a": "use1-az4",
  "us-east-1b": "use1-az6",
  "us-east-1c": "use1-az1",
  "us-east-1d": "use1-az2",
};

export const FULL_ACCESS = JSON.stringify({
  Version: "2008-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: "*", Resource: "*" }],
});

export const zoneIdOf = (zone: string): string => ZONES[zone] ?? "";

/** The names of the services' network interfaces' addresses: one a subnet, counted up. */
const addressIn = ({ cidr }: WorldSubnet, place: number): string => cidr.replace(/\.\d+\/\d+$/, `.${10 + place}`);

interface Faults {
  readonly action: string;
  readonly fault: AwsFault;
  left: number;
}

/** What there is in one account and region, and how it changes as time goes by. Tests change it as its owner or provider would. */
export class Ec2World {
  readonly account = "123456789012";
  readonly region = "us-east-1";
  callerArn = `arn:aws:sts::${this.account}:assumed-role/gateway/i-0123456789abcdef0`;
  /** undefined: everything is allowed. */
  policy: Policy | undefined;
  readonly pace: Pace = { shown: 0, changeShown: 0, acceptance: 30_000, pending: 60_000, deleting: 20_000 };
  /** What AWS answers to a token whose endpoint is gone: its first answer, or how the endpoint is now. */
  repeats: "first" | "current" = "first";
  pageSize = 1000;
  readonly vpcs: WorldVpc[] = [];
  readonly subnets: WorldSubnet[] = [];
  readonly routeTables: { readonly id: string; readonly vpcId: string }[] = [];
  readonly services: WorldService[] = [];
  readonly groups: WorldGroup[] = [];
  readonly endpoints: WorldEndpoint[] = [];
  readonly #clock: { now(): number };
  readonly #faults: Faults[] = [];
  #made = 0;

  constructor(clock: { now(): number }) {
    this.#clock = clock;
  }

  get now(): number {
    return this.#clock.now();
  }

  /** "vpce-" and 17 hexadecimal digits. */
  newId(prefix: string): string {
    this.#made++;
    return `${prefix}-0${this.#made.toString(16).padStart(16, "c0de")}`;
  }

  /** From now on the next `times` calls of the action are refused. */
  failNext(action: string, fault: AwsFault, times = 1): void {
    this.#faults.push({ action, fault, left: times });
  }

  /** Throws what was ordered for the action. */
  meetFault(action: string): void {
    const due = this.#faults.find((one) => one.action === action && one.left > 0);
    if (!due) return;
    due.left--;
    throw due.fault;
  }

  isShown({ madeAt }: { readonly madeAt: number }): boolean {
    return this.now >= madeAt + this.pace.shown;
  }

  /** As EC2 writes it on the wire: in camel case, unlike its description. */
  stateOf(endpoint: WorldEndpoint): string {
    const { deletedAt, forced, type, madeAt, changedAt, serviceName } = endpoint;
    if (deletedAt !== undefined) return this.now < deletedAt + this.pace.deleting ? "deleting" : "deleted";
    if (forced !== undefined) return forced;
    if (type === "Gateway") return "available";
    const accepted = madeAt + (this.service(serviceName, type)?.acceptance ? this.pace.acceptance : 0);
    if (this.now < accepted) return "pendingAcceptance";
    return this.now < Math.max(accepted, changedAt) + this.pace.pending ? "pending" : "available";
  }

  /** Deleted ones are shown for a while. */
  get shownEndpoints(): WorldEndpoint[] {
    return this.endpoints.filter(
      (one) => this.isShown(one) && (one.deletedAt === undefined || this.now < one.deletedAt + 2 * this.pace.deleting),
    );
  }

  /** Those that are not deleted, shown or not. */
  get livingEndpoints(): WorldEndpoint[] {
    return this.endpoints.filter(({ deletedAt }) => deletedAt === undefined);
  }

  /** Without a type, or with one that it does not have, the first of that name. */
  service(name: string, type?: string): WorldService | undefined {
    const alike = this.services.filter((one) => one.name === name);
    return alike.find((one) => one.type === type) ?? alike[0];
  }

  vpc(id: string): WorldVpc {
    return found(this.vpcs, id, "InvalidVpcId.NotFound", "The vpc ID");
  }

  subnet(id: string): WorldSubnet {
    return found(this.subnets, id, "InvalidSubnetId.NotFound", "The subnet ID");
  }

  group(id: string): WorldGroup {
    return found(
      this.groups.filter((one) => this.isShown(one)),
      id,
      "InvalidGroup.NotFound",
      "The security group",
    );
  }

  endpoint(id: string): WorldEndpoint {
    const living = this.endpoints.filter((one) => this.stateOf(one) !== "deleted");
    return found(living, id, "InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id");
  }

  /** The network interfaces of an endpoint: one a subnet, once it has been accepted. */
  interfacesOf(endpoint: WorldEndpoint): { readonly id: string; readonly subnet: WorldSubnet; readonly address: string }[] {
    if (endpoint.type === "Gateway" || ["pendingAcceptance", "deleted"].includes(this.stateOf(endpoint))) return [];
    const place = this.endpoints.indexOf(endpoint);
    return endpoint.subnetIds.map((id) => {
      const subnet = this.subnet(id);
      return { id: `eni-${endpoint.id.slice(-11)}${id.slice(-6)}`, subnet, address: addressIn(subnet, place) };
    });
  }
}

const found = <T extends { readonly id: string }>(all: readonly T[], id: string, code: string, what: string): T => {
  const one = all.find((other) => other.id === id);
  if (!one) throw new AwsFault(code, `${what} '${id}' does not exist`);
  return one;
};
