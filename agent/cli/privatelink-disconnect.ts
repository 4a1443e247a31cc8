import { awsRegion, awsVpc, linkName } from "./aws-options.ts";
import { type AddCommand, type CommonOptions, withCommon } from "./options.ts";
import { POLL_MS, TIMEOUT_MS, withWaiting } from "./waiting.ts";

export interface DisconnectOptions extends CommonOptions {
  readonly name: string;
  readonly region?: string;
  readonly vpc?: string;
  readonly confirm?: string;
  /** Milliseconds. */
  readonly timeout: number;
  /** Milliseconds between two questions to AWS. */
  readonly poll: number;
  readonly json?: boolean;
}

const HELP = `
Deleted is what bears the link's tag in the VPC: its endpoint, and then its security group. Heroku's side stays:
\`spacegate privatelink destroy\` removes that. A link that the settings declare is made anew by a running agent.

Exit codes: 0 gone; 1 refused or failed; 2 an option is missing; 130 stopped by Ctrl-C, with the way to go on.

Example:
  spacegate privatelink disconnect redis-kvs-12345 --confirm redis-kvs-12345`;

export const addPrivatelinkDisconnect: AddCommand<DisconnectOptions> = (parent, finish, act) => {
  const disconnect = withCommon(parent.command("disconnect"))
    .argument("<name>", "the link's name", linkName)
    .description("delete a link's endpoint and security group in AWS");
  withWaiting(disconnect)
    .option(
      "--region <region>",
      "the AWS region; without it the settings', the environment's, the profile's or this instance's",
      awsRegion,
    )
    .option("--vpc <id>", "the VPC; without it the settings', or the only one that has the link", awsVpc)
    .option("--confirm <name>", "the link's name, as confirmation where nobody can be asked")
    .option("--json", "print the result as JSON on standard output")
    .addHelpText("after", HELP)
    .action((name: string, options: Partial<DisconnectOptions>) =>
      finish(act)({ root: "/", timeout: TIMEOUT_MS, poll: POLL_MS, ...options, name }),
    );
};
