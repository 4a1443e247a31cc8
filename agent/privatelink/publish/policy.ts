import { PUBLISH_ACTIONS, RESOURCE_ACTIONS, TAGGING_ACTIONS } from "./actions.ts";

export interface PublishStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Where the policy is to hold; "*" for any. */
export interface PublishScope {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
}

const madeOf = (service: string): string[] =>
  [...new Set([...Object.values(RESOURCE_ACTIONS).flat(), ...TAGGING_ACTIONS])]
    .filter((action) => action.startsWith(`${service}:`))
    .sort();

const ownOf = (service: string): string[] => PUBLISH_ACTIONS.filter((action) => action.startsWith(`${service}:`));

/** Roles of one name only, and only for Lambda: more would let whoever has this policy give himself any other. */
const roles = ({ partition, account }: PublishScope): PublishStatement[] => {
  const Resource = `arn:${partition}:iam::${account}:role/spacegate-*`;
  const Condition = { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } };
  const Action = madeOf("iam").filter((action) => action !== "iam:PassRole");
  return [
    { Sid: "PublishMakeTheRole", Effect: "Allow", Action, Resource },
    { Sid: "PublishPassTheRole", Effect: "Allow", Action: ["iam:PassRole"], Resource, Condition },
  ];
};

/** Statements that let a person run `publish-rds`. CloudFormation makes the resources with that person's credentials. */
export const publishStatements = (scope: PublishScope): PublishStatement[] => {
  const { partition, account, region } = scope;
  const everything = (service: string): string => `arn:${partition}:${service}:${region}:${account}:*`;
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
