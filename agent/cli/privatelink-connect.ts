import { type Command, InvalidArgumentError, Option } from "commander";
import { type AddCommand, type CommonOptions, withCommon } from "./options.ts";
import { POLL_MS, TIMEOUT_MS, withWaiting } from "./waiting.ts";

/** What `connect` is told beside its name; what is not given is as the settings have it for a link of that name. */
export interface ConnectOptions extends CommonOptions {
  readonly name?: string;
  readonly app?: string;
  readonly addon?: string;
  readonly serviceName?: string;
  readonly type?: "interface" | "gateway";
  readonly region?: string;
  readonly vpc?: string;
  readonly subnet?: readonly string[];
  readonly routeTable?: readonly string[];
  readonly allow?: readonly string[];
  readonly protocol?: "redis" | "postgres" | "kafka" | "https" | "tcp";
  readonly port?: number;
  readonly privateDns?: boolean;
  /** A file with an endpoint policy. */
  readonly policy?: string;
  readonly wait: boolean;
  /** Milliseconds, for each thing that is waited for. */
  readonly timeout: number;
  /** Milliseconds between two questions. */
  readonly poll: number;
  readonly showUrl?: boolean;
  readonly json?: boolean;
}

const port = (value: string): number => {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > 65_535) throw new InvalidArgumentError("It must be a port, 1 to 65535.");
  return number;
};

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

const HELP = `
The add-on's PrivateLink must be there: \`spacegate privatelink create\` makes it. AWS credentials come from AWS's ordinary chain;
\`spacegate privatelink policy\` prints what they need. Run again, the command goes on where it stopped, repairs what has drifted,
and changes nothing when all is as wanted.

Exit codes: 0 connected; 1 refused or failed; 2 an option is missing; 130 stopped by Ctrl-C, with the way to go on.

Examples:
  spacegate privatelink connect redis-kvs-12345 --app acme-app --vpc vpc-0a1b2c3d4e5f60718 \\
    --subnet subnet-0a1b2c3d4e5f60718 --allow 172.31.0.0/16
  spacegate privatelink connect --service-name com.amazonaws.ap-northeast-1.kinesis-streams --private-dns \\
    --vpc vpc-0a1b2c3d4e5f60718 --subnet subnet-0a1b2c3d4e5f60718 --allow 172.31.0.0/16
  spacegate privatelink connect --service-name com.amazonaws.us-east-1.s3 --type gateway \\
    --vpc vpc-0a1b2c3d4e5f60718 --route-table rtb-0a1b2c3d4e5f60718`;

const withTarget = (command: Command): Command =>
  command
    .option("-a, --app <app>", "the Heroku app that the data service is attached to")
    .option("--addon <addon>", "with --app: the data service's add-on, where it is not NAME")
    .option("--service-name <service>", "instead: an endpoint service by its name, AWS's own or somebody's")
    .addOption(
      new Option("--type <type>", "interface: addresses in subnets; gateway: routes, for S3 and DynamoDB").choices([
        "interface",
        "gateway",
      ]),
    )
    .addOption(
      new Option("--protocol <protocol>", "what is spoken, where the name does not tell").choices([
        "redis",
        "postgres",
        "kafka",
        "https",
        "tcp",
      ]),
    )
    .addOption(new Option("--port <port>", "the service's TCP port; without it the protocol's own").argParser(port));

const withPlace = (command: Command): Command =>
  command
    .option("--region <region>", "the AWS region; without it that of the environment, the profile or this instance")
    .option("--vpc <id>", "the VPC that gets the endpoint")
    .option("--subnet <id>", "a subnet for it, one a zone; again for each", collect)
    .option("--route-table <id>", "with --type gateway: a route table that leads to it; again for each", collect)
    .option("--allow <cidr>", "who may connect; again for each", collect)
    .option("--private-dns", "let the service's ordinary name lead to the endpoint too")
    .option("--policy <file>", "an endpoint policy as JSON; without it everything is let through");

export const addPrivatelinkConnect: AddCommand<ConnectOptions> = (parent, finish, act) => {
  const connect = withCommon(parent.command("connect"))
    .argument("[name]", "the link's name, as the settings have it or as it is to be called; with --app alone, the add-on")
    .description("connect a VPC of this AWS account to a service: from its name to an endpoint that carries");
  withWaiting(withPlace(withTarget(connect)))
    .option("--no-wait", "be content when everything is asked for")
    .option("--show-url", "print the connection string too, PASSWORD and all")
    .option("--json", "print the result as JSON on standard output")
    .addHelpText("after", HELP)
    .action((name: string | undefined, options: Partial<ConnectOptions>) =>
      finish(act)({
        root: "/",
        wait: true,
        timeout: TIMEOUT_MS,
        poll: POLL_MS,
        ...options,
        ...(name === undefined ? {} : { name }),
      }),
    );
};
