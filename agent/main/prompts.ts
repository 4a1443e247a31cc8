import { SpacegateError } from "../lib/errors.ts";

/** A question for a line of text. `check` says what is wrong with an answer. */
interface TextQuestion {
  readonly message: string;
  readonly example?: string;
  readonly initial?: string;
  readonly check: (answer: string) => string | undefined;
}

interface Choice {
  readonly value: string;
  readonly label: string;
}

/** Questions at a terminal. Each rejects with INTERRUPTED on Ctrl-C, Esc, and when it is told to stop. */
export interface Prompts {
  text(question: TextQuestion): Promise<string>;
  secret(message: string): Promise<string>;
  select(message: string, choices: readonly Choice[]): Promise<string>;
  confirm(message: string): Promise<boolean>;
}

const givenUp = (): SpacegateError =>
  new SpacegateError("INTERRUPTED", "Stopped. Nothing was changed.", { fix: "Run the same command again when you like." });

/** A symbol is how the library says that the person gave up. */
const orGiveUp = <T>(answer: T): Exclude<T, symbol> => {
  if (typeof answer === "symbol") throw givenUp();
  return answer as Exclude<T, symbol>;
};

const isTerminal = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** Undefined where there is no terminal to ask at. Questions go to standard error: standard output is for results. */
export const openPrompts = async (signal: AbortSignal): Promise<Prompts | undefined> => {
  if (!isTerminal()) return undefined;
  const clack = await import("@clack/prompts");
  const common = { output: process.stderr, signal };
  return {
    text: async ({ message, example = "", initial = "", check }) =>
      orGiveUp(
        await clack.text({
          message,
          placeholder: example,
          initialValue: initial,
          validate: (answer) => check((answer ?? "").trim()),
          ...common,
        }),
      ).trim(),
    secret: async (message) =>
      orGiveUp(
        await clack.password({
          message,
          validate: (answer) => ((answer ?? "").trim() === "" ? "it cannot be empty" : undefined),
          ...common,
        }),
      ).trim(),
    select: async (message, choices) =>
      orGiveUp(
        await clack.select<string>({ message, options: choices.map(({ value, label }) => ({ value, label })), ...common }),
      ),
    confirm: async (message) => orGiveUp(await clack.confirm({ message, ...common })),
  };
};
