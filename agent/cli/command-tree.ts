import type { Argument, Command, Option } from "commander";

/** What completes a value. */
export type ValueKind = "file" | "directory" | "words" | "free";

export interface OptionNode {
  /** "--json"; "" for one that has only a letter. */
  readonly long: string;
  /** "-h"; "" without one. */
  readonly short: string;
  /** As the help shows it: "--out <file>". */
  readonly flags: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly value: ValueKind;
  readonly words: readonly string[];
}

export interface ArgumentNode {
  /** "<shell>", "[name]" */
  readonly shown: string;
  readonly description: string;
  readonly words: readonly string[];
}

/** One command of the program, for those who write about it: completion, man page, tests. */
export interface CommandNode {
  /** ["vpn", "connect"]; [] for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly options: readonly OptionNode[];
  readonly arguments: readonly ArgumentNode[];
  /** What its help says after the options: exit codes, examples. */
  readonly notes: string;
  readonly commands: readonly CommandNode[];
}

const kindOf = ({ flags, argChoices }: Option): ValueKind => {
  if (argChoices) return "words";
  if (/[<[](?:dir|directory)\b/.test(flags)) return "directory";
  return /[<[](?:file|path)\b/.test(flags) ? "file" : "free";
};

const optionNode = (option: Option): OptionNode => ({
  long: option.long ?? "",
  short: option.short ?? "",
  flags: option.flags,
  description: option.description,
  takesValue: option.required || option.optional,
  value: kindOf(option),
  words: option.argChoices ?? [],
});

const argumentNode = (argument: Argument): ArgumentNode => {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return {
    shown: argument.required ? `<${name}>` : `[${name}]`,
    description: argument.description,
    words: argument.argChoices ?? [],
  };
};

const notesOf = (command: Command): string => {
  const { writeOut } = command.configureOutput();
  let whole = "";
  command.configureOutput({ writeOut: (text) => (whole += text) });
  command.outputHelp();
  if (writeOut) command.configureOutput({ writeOut });
  return whole.slice(command.helpInformation().length).trim();
};

/** The commands that people see, with what they see of them. */
export const treeOf = (command: Command, path: readonly string[] = []): CommandNode => {
  const help = command.createHelp();
  return {
    path,
    description: command.description(),
    options: help.visibleOptions(command).map(optionNode),
    arguments: help.visibleArguments(command).map(argumentNode),
    notes: notesOf(command),
    commands: help
      .visibleCommands(command)
      .filter((child) => child.name() !== "help")
      .map((child) => treeOf(child, [...path, child.name()])),
  };
};

/** The command and everything below it. */
export const allCommands = (node: CommandNode): CommandNode[] => [node, ...node.commands.flatMap(allCommands)];
