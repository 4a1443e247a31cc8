import { type Command, Option } from "commander";
import { type AddCommand, type CommonOptions, withCommon } from "./options.ts";
import { duration } from "./waiting.ts";

export interface SetupOptions extends CommonOptions {
  readonly tokenFile?: string;
  /** False with --no-store-token. */
  readonly storeToken: boolean;
  readonly space?: string;
  readonly connection?: string;
  /** undefined: not said. */
  readonly create?: boolean;
  readonly address?: string;
  readonly publicAddress?: string;
  /** Separated by commas. */
  readonly subnets?: string;
  readonly routing?: "auto" | "vti" | "policy";
  readonly probeTarget?: string;
  readonly force?: boolean;
  readonly yes?: boolean;
  /** False with --no-check. */
  readonly check: boolean;
  /** False with --no-wait. */
  readonly wait: boolean;
  /** Milliseconds. */
  readonly timeout: number;
  readonly poll: number;
  readonly json?: boolean;
}

const HELP = `
The token never stands in a command line: it comes from HEROKU_API_KEY, --token-file, where the agent itself looks for it, or is
asked for. Without a terminal nothing is asked: what has no flag is found, and what cannot be found is named (exit code 2).
Cancelling leaves nothing behind.

Exit codes: 0 written, and the checks pass; 1 refused, or a check fails; 2 an option is missing; 130 cancelled.

Examples:
  spacegate setup
  spacegate setup --token-file /root/token --space acme-space --connection office --subnets 172.16.0.0/16 --probe-target 10.0.0.10
  spacegate setup --space acme-space --connection office --create --public-address 52.91.173.226 --subnets 172.16.0.0/16`;

const withAnswers = (command: Command): Command =>
  command
    .option("--token-file <file>", "a file with the Heroku API token; - reads standard input")
    .option("--no-store-token", "do not keep the token in /etc/credstore/heroku-api-key, where the service finds it")
    .option("--space <space>", "the Private Space")
    .option("--connection <name>", "the VPN connection, or the name for a new one")
    .option("--create", "have Heroku make the connection when the space has none")
    .option("--no-create", "do not")
    .option("--address <address>", "this gateway's own address, or auto")
    .option("--public-address <address>", "the static address under which the internet sees this gateway")
    .option("--subnets <blocks>", "networks behind this gateway that the space may reach, separated by commas")
    .addOption(
      new Option("--routing <how>", "both tunnels up (vti), one at a time (policy), or auto").choices(["auto", "vti", "policy"]),
    )
    .option("--probe-target <address>", "something in the space that answers pings; none for none");

export const addSetup: AddCommand<SetupOptions> = (program, finish, act) => {
  withAnswers(withCommon(program.command("setup")))
    .description("from nothing to a settings file: asks, or takes flags, finds out the rest, and can have the connection made")
    .option("--force", "replace an existing settings file; the old one is kept beside it")
    .option("--yes", "do not ask whether all is right at the end")
    .option("--no-check", "do not run `spacegate check` at the end")
    .option("--no-wait", "do not wait until a new connection is active")
    .addOption(
      new Option("--timeout <time>", "how long to wait for a new connection").argParser(duration).default(1_200_000, "20m"),
    )
    .addOption(new Option("--poll <time>", "time between two questions to Heroku").argParser(duration).default(10_000, "10s"))
    .option("--json", "print what was done as a line of JSON, after that of the checks")
    .addHelpText("after", HELP)
    .action(finish(act));
};
