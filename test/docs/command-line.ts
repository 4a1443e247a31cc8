import type { Command } from "commander";
import { type Actions, buildProgram } from "../../agent/cli/program.ts";

/* The real command line, of which nothing is run. */

class Taken extends Error {}

export interface KnownCommand {
  /** ["vpn", "connect"]; [] for the program itself. */
  readonly name: readonly string[];
  /** Its own and its subcommands'. */
  readonly options: readonly string[];
  readonly subcommands: readonly string[];
  /** The words that are left. */
  readonly rest: readonly string[];
}

const openProgram = (): Command => buildProgram("0.1.0", {} as Actions, () => {});

const nameOf = (command: Command): string[] => (command.parent ? [...nameOf(command.parent), command.name()] : []);

const optionsOf = (command: Command): string[] => [
  ...command.options.flatMap(({ long }) => long ?? []),
  ...command.commands.flatMap(optionsOf),
];

/** The command that the words begin with. Commands that the help does not show are known too. */
export const knownCommand = (words: readonly string[], command = openProgram()): KnownCommand => {
  const next = command.commands.find((child) => child.name() === words[0]);
  if (next) return knownCommand(words.slice(1), next);
  const subcommands = command.commands.map((child) => child.name());
  return { name: nameOf(command), options: [...optionsOf(command), "--help"], subcommands, rest: words };
};

/** Errors are thrown, not written and exited with. */
const quiet = (command: Command): void => {
  command.exitOverride().configureOutput({ writeErr: () => {} });
  for (const child of command.commands) quiet(child);
};

/** The command that would be run for these words. Throws commander's error where it would refuse them. */
export const commandRunFor = async (words: readonly string[]): Promise<readonly string[]> => {
  let name: readonly string[] = [];
  const program = openProgram();
  quiet(program);
  program.hook("preAction", (_program, command) => {
    name = nameOf(command);
    throw new Taken();
  });
  await program.parseAsync(words, { from: "user" }).catch((thrown: unknown) => {
    if (!(thrown instanceof Taken)) throw thrown;
  });
  return name;
};
