import type { Command } from "commander";
import { type AddCommand, type CommonOptions, withCommon } from "./options.ts";
import { POLL_MS, TIMEOUT_MS, withWaiting } from "./waiting.ts";

export interface VpnOptions extends CommonOptions {
  readonly verb: "connect" | "wait" | "info" | "rotate" | "destroy";
  readonly name?: string;
  readonly space?: string;
  readonly ip?: string;
  /** Separated by commas. */
  readonly cidrs?: string;
  /** Milliseconds, for each thing that is waited for. */
  readonly timeout: number;
  /** Milliseconds between two questions to Heroku. */
  readonly poll: number;
  readonly confirm?: string;
  readonly json?: boolean;
}

const EXITS = "\nExit codes: 0 done; 1 refused or failed; 2 an option is missing; 130 stopped by Ctrl-C, with the way to go on.";

/** Each has NAME and --space, from the settings where they leave no doubt. */
const subcommand = (vpn: Command, verb: VpnOptions["verb"], description: string, examples: readonly string[]): Command =>
  withCommon(vpn.command(verb))
    .argument("[name]", "the VPN connection's name; without it the settings' or the space's only one")
    .description(description)
    .option("--space <space>", "the Private Space; without it the settings' only one")
    .option("--json", "print the connection as JSON on standard output, without PSKs")
    .addHelpText("after", `${EXITS}\n\nExamples:\n${examples.map((line) => `  spacegate vpn ${line}`).join("\n")}`);

const withConfirm = (command: Command): Command =>
  command.option("--confirm <name>", "the connection's name, as confirmation where nobody can be asked");

type Acting = (verb: VpnOptions["verb"]) => (name: string | undefined, options: object) => Promise<void>;

const addMaking = (vpn: Command, acting: Acting): void => {
  const connect = subcommand(vpn, "connect", "check the values, have Heroku make the connection, and wait until it is active", [
    "connect office --space acme-space --ip 52.91.173.226 --cidrs 172.16.0.0/16",
  ]);
  withWaiting(connect)
    .option("--ip <address>", "this gateway's static public address; without it the settings' public_address, else it is asked")
    .option("--cidrs <blocks>", "local networks that the space may reach, separated by commas; without it the settings' subnets")
    .action(acting("connect"));
  const wait = subcommand(vpn, "wait", "wait until the connection is active with both tunnels", [
    "wait office --space acme-space --timeout 30m",
  ]);
  withWaiting(wait).action(acting("wait"));
};

const addUndoing = (vpn: Command, acting: Acting): void => {
  const rotate = "get new PSKs: destroy the connection and create it again, which interrupts traffic for minutes";
  const examples = ["rotate office --space acme-space", "rotate office --confirm office"];
  withConfirm(withWaiting(subcommand(vpn, "rotate", rotate, examples))).action(acting("rotate"));
  const destroy = subcommand(vpn, "destroy", "remove the connection for good", ["destroy office --confirm office"]);
  withConfirm(withWaiting(destroy)).action(acting("destroy"));
};

export const addVpn: AddCommand<VpnOptions> = (program, finish, act) => {
  const vpn = program.command("vpn").description("Heroku's side of the VPN connection: make, wait for, show, rotate, destroy it");
  const acting: Acting = (verb) => (name, options) =>
    finish(act)({ timeout: TIMEOUT_MS, poll: POLL_MS, ...options, verb, ...(name === undefined ? {} : { name }) } as VpnOptions);
  addMaking(vpn, acting);
  const info = "show the connection as Heroku has it, PSKs as fingerprints only";
  subcommand(vpn, "info", info, ["info", "info office --space acme-space --json"]).action(acting("info"));
  addUndoing(vpn, acting);
};
