import { type Command, InvalidArgumentError, Option } from "commander";
import type { Finish } from "./options.ts";
import { duration, POLL_MS, TIMEOUT_MS } from "./waiting.ts";

export interface PublishRdsOptions {
  readonly stack?: string;
  readonly rdsType: "instance" | "cluster";
  readonly endpoint?: string;
  readonly port: number;
  readonly vpc?: string;
  readonly subnet?: readonly string[];
  readonly securityGroup?: readonly string[];
  readonly partnerAccount?: string;
  readonly functionName?: string;
  readonly region?: string;
  readonly fixSecurityGroups?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly printTemplate?: boolean;
  /** Milliseconds, for each thing that is waited for. */
  readonly timeout: number;
  /** Milliseconds between two questions to AWS. */
  readonly poll: number;
}

const port = (value: string): number => {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > 65535) throw new InvalidArgumentError("It must be a port, 1 to 65535.");
  return number;
};

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

const HELP = `
The function needs a security group without inbound rules and with the default outbound rule. The subnet must be in the
database's availability zone and have a route to a NAT gateway.
Exit codes: 0 published, or nothing to change; 1 refused or failed; 2 an option is missing; 130 stopped by Ctrl-C: CloudFormation
goes on, and the same command follows it.

Example:
  spacegate privatelink publish-rds --stack publish-orders --rds-type cluster \\
    --endpoint orders.cluster-c1a2b3.us-east-1.rds.amazonaws.com --port 5432 --vpc vpc-0a1b2c3d4e5f60718 \\
    --subnet subnet-0a1b2c3d4e5f60718 --security-group sg-0a1b2c3d4e5f60718 --partner-account 123456789012`;

const withDatabase = (command: Command): Command =>
  command
    .option("--stack <name>", "the CloudFormation stack; one that is there is changed")
    .addOption(new Option("--rds-type <type>", "what the endpoint is of").choices(["instance", "cluster"]).default("instance"))
    .option("--endpoint <name>", "the database's endpoint as RDS shows it")
    .addOption(new Option("--port <port>", "the database's port").argParser(port).default(5432))
    .option("--vpc <id>", "the database's VPC")
    .option("--subnet <id>", "where load balancer and function stand; again for the standby's zone", collect)
    .option("--security-group <id>", "the function's security group; again for each", collect)
    .option("--partner-account <id>", "the AWS account that may connect");

const withPatience = (command: Command): Command =>
  command
    .addOption(
      new Option("--timeout <time>", "give up waiting after this; CloudFormation goes on")
        .argParser(duration)
        .default(TIMEOUT_MS, "20m"),
    )
    .addOption(new Option("--poll <time>", "time between two questions to AWS").argParser(duration).default(POLL_MS, "10s"));

/** `spacegate privatelink publish-rds`. */
export const addPrivatelinkPublishRds = (
  parent: Command,
  finish: Finish,
  act: (options: PublishRdsOptions) => Promise<number>,
): void => {
  const command = withDatabase(
    parent
      .command("publish-rds")
      .description("publish an RDS database of this AWS account to a partner's, through CloudFormation"),
  )
    .option("--function-name <name>", "the Lambda function's name; without it publish- and the database's")
    .option("--region <region>", "the AWS region; without it that of the environment, the profile or this instance")
    .option("--fix-security-groups", "add the inbound rules that the database's security group lacks")
    .option("--yes", "carry the shown changes out without a question")
    .option("--print-template", "only print the CloudFormation template")
    .option("--json", "print the result as JSON on standard output");
  withPatience(command).addHelpText("after", HELP).action(finish(act));
};
