import { commandLine } from "../lib/command-line.ts";
import type { ConnectionRef } from "../model/connection.ts";
import type { Verb } from "../vpn/flow.ts";
import type { Wanted } from "../vpn/heroku-vpn.ts";

/** `spacegate vpn VERB …` as a person types it, with the same files as the command that prints it. */
export const commandFor =
  ({ config, root }: { readonly config?: string; readonly root: string }) =>
  (verb: Verb, { space, name }: ConnectionRef, wanted?: Wanted): string =>
    commandLine([
      ...["spacegate", "vpn", verb, name, "--space", space],
      ...(wanted ? ["--ip", wanted.publicIp, "--cidrs", wanted.routableCidrs.join(",")] : []),
      ...(config === undefined ? [] : ["--config", config]),
      ...(root === "/" ? [] : ["--root", root]),
    ]);
