import { commandLine } from "../lib/command-line.ts";
import type { Verb } from "../privatelink/heroku/flow.ts";
import type { HerokuTarget } from "../privatelink/heroku/heroku-links.ts";

/** `spacegate privatelink VERB …` as a person types it, with the same root as the command that prints it. */
export const privatelinkCommand =
  (root: string) =>
  (verb: Verb, { app, addon }: HerokuTarget, accounts: readonly string[] = []): string =>
    commandLine([
      ...["spacegate", "privatelink", ...verb.split(" "), addon, "--app", app],
      ...accounts.flatMap((account) => ["--aws-account-id", account]),
      ...(root === "/" ? [] : ["--root", root]),
    ]);
