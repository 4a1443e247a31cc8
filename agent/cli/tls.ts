import { type Command, InvalidArgumentError } from "commander";
import { type AddCommand, type CommonOptions, withCommon } from "./options.ts";

interface Shared extends CommonOptions {
  readonly json?: boolean;
}

export interface TlsShowOptions extends Shared {
  readonly verb: "show";
}

export interface TlsClientOptions extends Shared {
  readonly verb: "client";
  /** Becomes a file's name and the certificate's common name. */
  readonly name: string;
  readonly out: string;
  readonly days: number;
}

export type TlsOptions = TlsShowOptions | TlsClientOptions;

const MAX_DAYS = 365;

const clientName = (value: string): string => {
  if (/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/.test(value) && value !== "authority") return value;
  throw new InvalidArgumentError("It must be letters, digits and inner '.', '_' and '-', 64 at most, and not authority.");
};

const days = (value: string): number => {
  const count = Number(value);
  if (/^\d+$/.test(value) && count >= 1 && count <= MAX_DAYS) return count;
  throw new InvalidArgumentError(`It must be a whole number between 1 and ${MAX_DAYS}.`);
};

const withJson = (command: Command): Command => withCommon(command).option("--json", "print the result as JSON");

export const addTls: AddCommand<TlsOptions> = (program, finish, act) => {
  const tls = program.command("tls").description("the HTTP server's certificates: see when they end, issue them for clients");
  withJson(tls.command("show"))
    .description("show CA and certificate with their ends; exits with 1 when the server has none that is good")
    .addHelpText("after", "\nExample:\n  spacegate tls show --json")
    .action(finish((options: Omit<TlsShowOptions, "verb">) => act({ ...options, verb: "show" })));
  withJson(tls.command("client"))
    .argument("<name>", "who it is for, for example prometheus", clientName)
    .description("issue a client certificate from the agent's own CA: NAME.crt, NAME.key and authority.crt")
    .requiredOption("--out <dir>", "where to write; made when it is not there")
    .option("--days <count>", `for how long it is good, ${MAX_DAYS} at most`, days, MAX_DAYS)
    .addHelpText("after", "\nExample:\n  spacegate tls client prometheus --out /root/prometheus-tls")
    .action((name: string, options: Omit<TlsClientOptions, "verb" | "name">) =>
      finish(act)({ ...options, verb: "client", name }),
    );
};
