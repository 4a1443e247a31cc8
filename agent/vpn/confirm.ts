import { SpacegateError } from "../lib/errors.ts";
import { quoted } from "../lib/text.ts";
import { refuse } from "./flow.ts";

/** How somebody vouches for what cannot be undone. */
export interface Confirmation {
  /** What --confirm says. */
  readonly given: string | undefined;
  /** Asks for the name; undefined where nobody can be asked. Rejects with INTERRUPTED when the person gives up. */
  readonly ask: ((name: string) => Promise<string>) | undefined;
}

/** Throws VPN_REFUSED unless the connection's own name is given, OPTION_MISSING where it cannot be asked for. */
export const confirmName = async (name: string, { given, ask }: Confirmation): Promise<void> => {
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
    throw refuse(`${quoted(said)} is not the connection's name. Nothing was changed.`, `To go on, confirm with: ${name}`);
};
