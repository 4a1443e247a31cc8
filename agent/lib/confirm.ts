import { type ErrorCode, SpacegateError } from "./errors.ts";
import { quoted } from "./text.ts";

/** How somebody vouches for what cannot be undone. */
export interface Confirmation {
  /** What --confirm says. */
  readonly given: string | undefined;
  /** Asks for the name; undefined where nobody can be asked. Rejects with INTERRUPTED when the person gives up. */
  readonly ask: ((name: string) => Promise<string>) | undefined;
}

/** What is to be confirmed. */
interface Confirmed {
  readonly name: string;
  /** Whose name that is: "the connection's name". */
  readonly what: string;
  readonly refused: ErrorCode;
}

/** Throws `refused` unless the name itself is given, OPTION_MISSING where it cannot be asked for. */
export const confirmName = async ({ name, what, refused }: Confirmed, { given, ask }: Confirmation): Promise<void> => {
  if (given === undefined && !ask)
    throw new SpacegateError(
      "OPTION_MISSING",
      "This interrupts traffic, and without a terminal nobody can be asked to confirm it.",
      {
        fix: `Add --confirm ${name}.`,
      },
    );
  const said = given ?? (await ask?.(name)) ?? "";
  if (said !== name)
    throw new SpacegateError(refused, `${quoted(said)} is not ${what}. Nothing was changed.`, {
      fix: `To go on, confirm with: ${name}`,
    });
};
