import { SpacegateError } from "../lib/errors.ts";
import { assertHerokuName, herokuNameProblem } from "../lib/heroku-name.ts";
import type { FoundConnection, SetupDeps, SetupFlags } from "./seams.ts";

/** The connection that this gateway is for; `found` undefined: it is to be made. */
export interface HerokuSide {
  readonly space: string;
  readonly name: string;
  readonly found: FoundConnection | undefined;
}

export const missing = (option: string, what: string): SpacegateError =>
  new SpacegateError("OPTION_MISSING", `${option} is missing: ${what}.`, {
    fix: `Give ${option}, or run \`spacegate setup\` in a terminal, where it is asked for.`,
  });

export const refuse = (message: string, fix: string): SpacegateError => new SpacegateError("SETUP_REFUSED", message, { fix });

const chooseSpace = async ({ space }: SetupFlags, { heroku, prompts, say, signal }: SetupDeps): Promise<string> => {
  if (space !== undefined) return space;
  const spaces = await heroku.spaces(signal);
  const [only, ...more] = spaces;
  if (!only)
    throw refuse(
      "The token sees no Private Space.",
      "Use a token of a user who may view the space, or give --space by its name.",
    );
  if (more.length === 0) {
    say(`The token sees one space: ${only.name}.`);
    return only.name;
  }
  if (!prompts) throw missing("--space", `the token sees ${spaces.map(({ name }) => name).join(", ")}`);
  return prompts.select(
    "Which Private Space?",
    spaces.map(({ name, region }) => ({ value: name, label: region === "" ? name : `${name} (${region})` })),
  );
};

/** The name of the connection that is to be made, once it is clear that one is wanted. */
const nameNew = async (space: string, flags: SetupFlags, { prompts }: SetupDeps): Promise<string> => {
  const wanted =
    flags.create ?? (prompts ? await prompts.confirm(`${space} has no VPN connection. Have Heroku make one?`) : undefined);
  if (wanted === undefined) throw missing("--create", `${space} has no VPN connection, and --create has Heroku make one`);
  if (!wanted)
    throw refuse(
      "Without a VPN connection there is nothing to set up; nothing was written.",
      "`spacegate vpn connect` makes one.",
    );
  if (flags.connection !== undefined) return flags.connection;
  if (!prompts) throw missing("--connection", "the name of the VPN connection that is to be made");
  return prompts.text({
    message: "A name for the new VPN connection?",
    example: "office",
    initial: "office",
    check: herokuNameProblem,
  });
};

const chooseExisting = async (
  space: string,
  there: readonly FoundConnection[],
  { connection }: SetupFlags,
  { prompts, say }: SetupDeps,
): Promise<FoundConnection> => {
  const names = there.map(({ name }) => name).join(", ");
  const named = there.find(({ name }) => name === connection);
  if (named) return named;
  if (connection !== undefined)
    throw refuse(
      `${space} has no VPN connection ${connection}; it has ${names}.`,
      "Heroku allows one connection a space: use that one, or `spacegate vpn destroy` it first.",
    );
  const [only, ...more] = there;
  if (only && more.length === 0) {
    say(`${space} has the VPN connection ${only.name} (${only.status}).`);
    return only;
  }
  if (!prompts) throw missing("--connection", `${space} has ${names}`);
  const name = await prompts.select(
    "Which VPN connection?",
    there.map(({ name: value }) => ({ value, label: value })),
  );
  return there.find((one) => one.name === name) ?? there[0] ?? Promise.reject(missing("--connection", names));
};

/** Space and connection: as given, else the only ones, else asked. */
export const chooseHerokuSide = async (flags: SetupFlags, deps: SetupDeps): Promise<HerokuSide> => {
  const space = await chooseSpace(flags, deps);
  if (flags.connection !== undefined) assertHerokuName("--connection", flags.connection);
  const there = await deps.heroku.list(space, deps.signal);
  if (there.length === 0) return { space, name: await nameNew(space, flags, deps), found: undefined };
  const found = await chooseExisting(space, there, flags, deps);
  return { space, name: found.name, found };
};
