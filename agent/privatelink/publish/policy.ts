import { partitionOf } from "../../lib/aws-partition.ts";
import { PUBLISH_ACTIONS, RESOURCE_ACTIONS, TAGGING_ACTIONS } from "./actions.ts";

interface PublishStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Where the policy is to hold; "*" for any. */
export interface PublishScope {
  readonly account: string;
  readonly region: string;
}

const madeOf = (service: string): string[] =>
  [...new Set([...Object.values(RESOURCE_ACTIONS).flat(), ...TAGGING_ACTIONS])]
    .filter((action) => action.startsWith(`${service}:`))
    .sort();

const ownOf = (service: string): string[] => PUBLISH_ACTIONS.filter((action) => action.startsWith(`${service}:`));

/** Roles of one name only, and only for Lambda: more would let whoever has this policy give himself any other. */
const roles = ({ region, account }: PublishScope): PublishStatement[] => {
  const role = `arn:${partitionOf(region)}:iam::${account}:role`;
  const Resource = `${role}/spacegate-*`;
  const Condition = { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } };
  const Action = madeOf("iam").filter((action) => action !== "iam:PassRole");
  return [
    { Sid: "PublishMakeTheRole", Effect: "Allow", Action, Resource },
    { Sid: "PublishPassTheRole", Effect: "Allow", Action: ["iam:PassRole"], Resource, Condition },
    {
      // The account's first load balancer brings AWS's own role with it.
      Sid: "PublishFirstLoadBalancer",
      Effect: "Allow",
      Action: ["iam:CreateServiceLinkedRole"],
      Resource: `${role}/aws-service-role/elasticloadbalancing.amazonaws.com/*`,
    },
  ];
};

const statements = (scope: PublishScope): PublishStatement[] => {
  const { account, region } = scope;
  const everything = (service: string): string => `arn:${partitionOf(region)}:${service}:${region}:${account}:*`;
  const Condition = region === "*" ? {} : { Condition: { StringEquals: { "aws:RequestedRegion": region } } };
  const allow = (Sid: string, Action: readonly string[], Resource: string): PublishStatement => ({
    Sid,
    Effect: "Allow",
    Action,
    Resource,
    ...(Resource === "*" ? Condition : {}),
  });
  return [
    allow("PublishStack", ownOf("cloudformation"), everything("cloudformation")),
    allow("PublishReadDatabase", ownOf("rds"), everything("rds")),
    allow("PublishNetwork", [...new Set([...ownOf("ec2"), ...madeOf("ec2")])].sort(), "*"),
    allow("PublishLoadBalancer", madeOf("elasticloadbalancing"), "*"),
    allow("PublishFunction", madeOf("lambda"), everything("lambda")),
    allow("PublishSchedule", madeOf("events"), everything("events")),
    allow("PublishLog", madeOf("logs"), everything("logs")),
    ...roles(scope),
  ];
};

/** The IAM policy that lets a person run `publish-rds`. CloudFormation makes the resources with that person's credentials. */
export const publishPolicy = (
  scope: PublishScope,
): { readonly Version: "2012-10-17"; readonly Statement: readonly PublishStatement[] } => ({
  Version: "2012-10-17",
  Statement: statements(scope),
});
