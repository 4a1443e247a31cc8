import { Option } from "commander";
import { awsAccount, awsRegion, awsVpc } from "./aws-options.ts";
import type { AddCommand } from "./options.ts";

export interface PolicyOptions {
  readonly account: string;
  readonly region: string;
  readonly vpc: readonly string[];
  /** For publish-rds, in place of the agent's own calls. */
  readonly publishRds?: boolean;
}

const collectVpcs = (value: string, before: readonly string[] = []): readonly string[] => [...before, awsVpc(value)];

const HELP = `
Nothing is asked of AWS. The policy names every call that the agent makes for links, and no other: reading in one region, making
only what bears the agent's tag, changing and deleting only what bears it. Attach it to the instance's role, or to the user.

Example:
  spacegate privatelink policy --account 123456789012 --region us-east-1 --vpc vpc-0a1b2c3d4e5f60718 > policy.json
  aws iam put-role-policy --role-name gateway --policy-name spacegate --policy-document file://policy.json`;

export const addPrivatelinkPolicy: AddCommand<PolicyOptions> = (parent, finish, act) => {
  parent
    .command("policy")
    .description("print the IAM policy that the agent needs for PrivateLinks, as JSON")
    .addOption(new Option("--account <id>", "only in this AWS account").argParser(awsAccount).default("*", "any"))
    .addOption(new Option("--region <region>", "only in this region").argParser(awsRegion).default("*", "any"))
    .option("--vpc <id>", "only in this VPC; again for each", collectVpcs)
    .option(
      "--publish-rds",
      "the policy of whoever runs publish-rds, instead: CloudFormation works with that person's credentials",
    )
    .addHelpText("after", HELP)
    .action((options: Partial<PolicyOptions>) => finish(act)({ account: "*", region: "*", vpc: [], ...options }));
};
