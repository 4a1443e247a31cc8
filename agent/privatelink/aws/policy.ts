import { partitionOf } from "../../lib/aws-partition.ts";
import { LINK_TAG } from "../../model/privatelink.ts";
import { IDENTITY_ACTION, type LinkAction, READ_ACTIONS } from "./actions.ts";

type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** Actions that a call needs beside its own: tags at creation, and the zone of a private DNS name. */
type PolicyAction = LinkAction | "ec2:CreateTags" | "route53:AssociateVPCWithHostedZone";

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly PolicyAction[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Condition;
}

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/** Where the policy is to hold; "*" for any. */
export interface PolicyScope {
  readonly account: string;
  readonly region: string;
  /** Empty: any. */
  readonly vpcIds: readonly string[];
}

const TAGGED: Condition = { Null: { [`aws:ResourceTag/${LINK_TAG}`]: "false" } };
const TAGGING: Condition = { Null: { [`aws:RequestTag/${LINK_TAG}`]: "false" } };

type Arns = (kind: string) => string;

/** Describing has no resources in IAM: the region is what narrows it. */
const reading = (region: string): Statement[] => [
  {
    Sid: "ReadOneRegion",
    Effect: "Allow",
    Action: READ_ACTIONS,
    Resource: "*",
    ...(region === "*" ? {} : { Condition: { StringEquals: { "aws:RequestedRegion": region } } }),
  },
  { Sid: "WhoAmI", Effect: "Allow", Action: [IDENTITY_ACTION], Resource: "*" },
];

/** A creation is judged on every resource that it touches: what is made bears the tag, the group that is used too. */
const creating = (arn: Arns, vpcs: readonly string[]): Statement[] => [
  {
    Sid: "CreateOnlyWhatBearsTheTag",
    Effect: "Allow",
    Action: ["ec2:CreateSecurityGroup", "ec2:CreateVpcEndpoint"],
    Resource: [arn("security-group/*"), arn("vpc-endpoint/*")],
    Condition: TAGGING,
  },
  { Sid: "CreateInTheVpc", Effect: "Allow", Action: ["ec2:CreateSecurityGroup", "ec2:CreateVpcEndpoint"], Resource: vpcs },
  {
    Sid: "TagAtCreationOnly",
    Effect: "Allow",
    Action: ["ec2:CreateTags"],
    Resource: [arn("security-group/*"), arn("vpc-endpoint/*")],
    Condition: { StringEquals: { "ec2:CreateAction": ["CreateSecurityGroup", "CreateVpcEndpoint"] } },
  },
  {
    Sid: "PrivateDns",
    Effect: "Allow",
    Action: ["route53:AssociateVPCWithHostedZone"],
    Resource: "*",
  },
];

const changing = (arn: Arns): Statement[] => [
  {
    Sid: "PlaceInSubnetsAndRouteTables",
    Effect: "Allow",
    Action: ["ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint"],
    Resource: [arn("subnet/*"), arn("route-table/*")],
  },
  {
    Sid: "UseOwnGroups",
    Effect: "Allow",
    Action: ["ec2:CreateVpcEndpoint"],
    Resource: [arn("security-group/*")],
    Condition: TAGGED,
  },
  {
    // A group that somebody else has put on the endpoint is named in order to take it off.
    Sid: "NameGroupsOfOwnEndpoints",
    Effect: "Allow",
    Action: ["ec2:ModifyVpcEndpoint"],
    Resource: [arn("security-group/*")],
  },
  {
    Sid: "ChangeAndDeleteOnlyWhatBearsTheTag",
    Effect: "Allow",
    Action: [
      "ec2:AuthorizeSecurityGroupIngress",
      "ec2:DeleteSecurityGroup",
      "ec2:DeleteVpcEndpoints",
      "ec2:ModifyVpcEndpoint",
      "ec2:RevokeSecurityGroupIngress",
    ],
    Resource: [arn("security-group/*"), arn("vpc-endpoint/*")],
    Condition: TAGGED,
  },
];

/** The IAM policy that lets the agent make its calls, and no other: as narrow as IAM can say it. */
export const policyDocument = ({ account, region, vpcIds }: PolicyScope): PolicyDocument => {
  const arn: Arns = (kind) => `arn:${partitionOf(region)}:ec2:${region}:${account}:${kind}`;
  const vpcs = vpcIds.length === 0 ? [arn("vpc/*")] : vpcIds.map((id) => arn(`vpc/${id}`));
  return { Version: "2012-10-17", Statement: [...reading(region), ...creating(arn, vpcs), ...changing(arn)] };
};
