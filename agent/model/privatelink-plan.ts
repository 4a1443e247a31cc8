import type { ErrorCode } from "../lib/error-codes.ts";
import { type Endpoint, type HerokuLink, LINK_TAG } from "./privatelink.ts";
import type { Trouble } from "./trouble.ts";

/* What is known of a link's surroundings in AWS, and the changes that lead to the wanted link. */

/** Group names are unique in a VPC: a second creation after a kill is refused instead of making a second group. */
export const groupName = (linkName: string): string => `spacegate-${linkName}`;

/** What marks as the agent's own everything that it makes. `Name` is what AWS's console shows. */
export const linkTags = (linkName: string): Record<string, string> => ({ Name: groupName(linkName), [LINK_TAG]: linkName });

/** Source: EC2, DescribeVpcs and DescribeVpcAttribute. */
export interface LinkVpc {
  readonly id: string;
  readonly cidrs: readonly string[];
  readonly dnsHostnames: boolean;
  readonly dnsSupport: boolean;
}

/** Source: EC2, DescribeSubnets. Zone ids ("use1-az1") mean the same in every account; names ("us-east-1a") do not. */
export interface LinkSubnet {
  readonly id: string;
  readonly vpcId: string;
  readonly zoneId: string;
  readonly zoneName: string;
  readonly cidr: string;
}

/** Source: EC2, DescribeVpcEndpointServices, its zones' names made ids by DescribeAvailabilityZones. */
export interface LinkService {
  readonly name: string;
  /** Interface, Gateway, GatewayLoadBalancer or anything newer. */
  readonly types: readonly string[];
  readonly zoneIds: readonly string[];
  readonly acceptanceRequired: boolean;
  readonly policySupported: boolean;
  /** What private DNS makes the service's clients ask for; "" when it has none. */
  readonly privateDnsName: string;
}

/** One inbound rule. `source` is a CIDR block, or another group's or prefix list's id. */
export interface IngressRule {
  readonly id: string;
  /** "tcp", "udp", "-1" for all, or a number. */
  readonly protocol: string;
  /** -1 where the protocol has none. */
  readonly fromPort: number;
  readonly toPort: number;
  readonly source: string;
}

/** Source: EC2, DescribeSecurityGroups and DescribeSecurityGroupRules. */
export interface LinkGroup {
  readonly id: string;
  readonly name: string;
  readonly vpcId: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly ingress: readonly IngressRule[];
}

/** Everything that a plan for one link rests on, read at one time. */
export interface LinkObserved {
  /** The account that the credentials are of: 12 digits. */
  readonly account: string;
  /** Who asks: arn:aws:iam::ID:user/NAME or arn:aws:sts::ID:assumed-role/NAME/SESSION. */
  readonly callerArn: string;
  readonly region: string;
  /** Heroku's side; undefined for a link to a service by its name, and where Heroku has no such link yet. */
  readonly heroku: HerokuLink | undefined;
  /** "" while Heroku has not named it yet. */
  readonly serviceName: string;
  /** undefined: AWS shows this account no such service in this region. */
  readonly service: LinkService | undefined;
  /** undefined: there is none of this id in this region and account. */
  readonly vpc: LinkVpc | undefined;
  /** Those of the wanted subnets, and of the endpoint's own, that exist. */
  readonly subnets: readonly LinkSubnet[];
  /** Subnets of the VPC in zones that the service supports: offered in place of wrong ones. */
  readonly fittingSubnets: readonly LinkSubnet[];
  /** Those of the wanted route tables that exist in the VPC. */
  readonly routeTableIds: readonly string[];
  /** Those with the link's tag, in any VPC and state, with what was made too recently for AWS to show. */
  readonly endpoints: readonly Endpoint[];
  /** Others' endpoints for the same service in the same VPC. */
  readonly foreign: readonly Endpoint[];
  /** The group with the link's tag, and the name that the agent gives it. */
  readonly group: LinkGroup | undefined;
  /** A group of that name without the tag. */
  readonly foreignGroupId: string | undefined;
}

/** What CreateVpcEndpoint is asked for. */
export interface EndpointRequest {
  readonly linkName: string;
  readonly account: string;
  readonly region: string;
  readonly type: "Interface" | "Gateway";
  readonly vpcId: string;
  readonly serviceName: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly routeTableIds: readonly string[];
  readonly privateDns: boolean;
  readonly policy?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** What ModifyVpcEndpoint is asked for; what is absent stays. */
export interface EndpointChange {
  readonly addSubnetIds?: readonly string[];
  readonly removeSubnetIds?: readonly string[];
  readonly addSecurityGroupIds?: readonly string[];
  readonly removeSecurityGroupIds?: readonly string[];
  readonly addRouteTableIds?: readonly string[];
  readonly removeRouteTableIds?: readonly string[];
  readonly privateDns?: boolean;
  /** "" puts the service's own policy, full access, back. */
  readonly policy?: string;
}

/** One change in AWS. Executors are idempotent: a step may be carried out again. */
export type LinkStep =
  | {
      readonly kind: "create-security-group";
      readonly name: string;
      readonly description: string;
      readonly vpcId: string;
      readonly tags: Readonly<Record<string, string>>;
    }
  | { readonly kind: "authorize-ingress"; readonly groupId: string; readonly port: number; readonly cidrs: readonly string[] }
  | { readonly kind: "revoke-ingress"; readonly groupId: string; readonly rules: readonly IngressRule[] }
  | { readonly kind: "create-endpoint"; readonly request: EndpointRequest }
  | { readonly kind: "modify-endpoint"; readonly endpointId: string; readonly change: EndpointChange }
  /** Only ever planned for the owner's own command, as is the next. */
  | { readonly kind: "delete-endpoint"; readonly endpointId: string }
  | { readonly kind: "delete-security-group"; readonly groupId: string };

/** What a step made, for AWS may not show it for a while. */
export interface LinkMade {
  readonly endpoint?: Endpoint;
  readonly group?: LinkGroup;
}

export type LinkStepKind = LinkStep["kind"];

/** What stands in the way, under a code of the declared list. */
export interface LinkProblem extends Trouble {
  readonly code: ErrorCode;
  /** True: nothing is changed in AWS before it is solved. False: what can be done is done all the same. */
  readonly blocking: boolean;
}

export interface LinkPlan {
  /** What can be done now; more may follow when AWS shows what these made. */
  readonly steps: readonly LinkStep[];
  readonly problems: readonly LinkProblem[];
  /** What is being waited for, in words; "" when nothing is. */
  readonly waitingFor: string;
  /** The link's endpoint, undefined while there is none. */
  readonly endpoint: Endpoint | undefined;
}
