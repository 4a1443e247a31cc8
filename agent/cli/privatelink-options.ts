import type { Command } from "commander";
import { type Finish, withRoot } from "./options.ts";
import { POLL_MS, TIMEOUT_MS } from "./waiting.ts";

export type PrivatelinkVerb = "create" | "info" | "wait" | "access list" | "access add" | "access remove" | "destroy";

/** What every subcommand about Heroku's side knows. */
export interface PrivatelinkOptions {
  readonly verb: PrivatelinkVerb;
  readonly root: string;
  /** The add-on: as the argument, as the client's plugin takes it, or as --addon. */
  readonly addon?: string;
  readonly app?: string;
  readonly json?: boolean;
  /** As they were typed. */
  readonly accounts: readonly string[];
  /** create and access add: wait until it can be used. */
  readonly wait?: boolean;
  /** Milliseconds, for each thing that is waited for. */
  readonly timeout: number;
  /** Milliseconds between two questions to Heroku. */
  readonly poll: number;
  readonly confirm?: string;
  /** info only: print connection strings, passwords and all. */
  readonly showUrl?: boolean;
}

const EXITS = "\nExit codes: 0 done; 1 refused or failed; 2 an option is missing; 130 stopped by Ctrl-C, with the way to go on.";

interface Subcommand {
  readonly verb: PrivatelinkVerb;
  readonly description: string;
  /** Without "spacegate privatelink". */
  readonly examples: readonly string[];
}

/** Each has ADDON and --app, as the client's plugin has them. */
export const subcommand = (parent: Command, { verb, description, examples }: Subcommand): Command =>
  withRoot(parent.command(verb.replace("access ", "")))
    .argument("[addon]", "the data service's add-on, or what it is attached as: redis-kvs-12345, REDIS, REDIS_URL")
    .description(description)
    .option("-a, --app <app>", "the Heroku app that it is attached to")
    .option("--addon <addon>", "the add-on, where it is not the argument")
    .option("--json", "print the result as JSON on standard output")
    .addHelpText("after", `${EXITS}\n\nExamples:\n${examples.map((line) => `  spacegate privatelink ${line}`).join("\n")}`);

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** The AWS accounts; the first spelling is the client's plugin's. */
export const withAccounts = (command: Command, what: string): Command =>
  command
    .option("-i, --aws-account-id <account>", `${what}: ID, ID:root, ID:user/NAME or ID:role/NAME; again for each`, collect)
    .option("--account <account>", "the same, shorter", collect);

/** What commander parsed, in `main`'s words. */
interface Parsed extends Partial<Omit<PrivatelinkOptions, "verb" | "accounts">> {
  readonly awsAccountId?: readonly string[];
  readonly account?: readonly string[];
}

type Act = (options: PrivatelinkOptions) => Promise<number>;

/** Makes the action of one subcommand. The argument counts before --addon. */
export const acting =
  (verb: PrivatelinkVerb, finish: Finish, act: Act) =>
  (argument: string | undefined, { awsAccountId = [], account = [], ...options }: Parsed): Promise<void> => {
    const addon = argument ?? options.addon;
    const accounts = [...awsAccountId, ...account];
    return finish(act)({
      root: "/",
      timeout: TIMEOUT_MS,
      poll: POLL_MS,
      ...options,
      verb,
      accounts,
      ...(addon === undefined ? {} : { addon }),
    });
  };
