import { type Command, Option } from "commander";

export interface CommonOptions {
  /** The settings file, when named. */
  readonly config?: string;
  /** Put before every path on the host. */
  readonly root: string;
}

/** Makes commander's action of a command that resolves with its exit code. */
export type Finish = <Options>(act: (options: Options) => Promise<number>) => (options: Options) => Promise<void>;

/** Adds one command to the program; `Options` is what commander hands to its action. */
export type AddCommand<Options = CommonOptions> = (
  program: Command,
  finish: Finish,
  act: (options: Options) => Promise<number>,
) => void;

/** The option of every command that reads the host. */
export const withRoot = (command: Command): Command =>
  command.option("--root <dir>", "put every path on the host below this directory: for tests, dry runs and image builds", "/");

/** The options of every command that reads the settings. */
export const withCommon = (command: Command): Command =>
  withRoot(command.addOption(new Option("--config <file>", "the settings file").env("SPACEGATE_CONFIG")));
