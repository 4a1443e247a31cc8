import { SpacegateError } from "../lib/errors.ts";
import { herokuNameProblem } from "../lib/heroku-name.ts";
import { isIPv4 } from "../lib/ip.ts";
import { splitList } from "../lib/text.ts";
import type { ConnectionRef } from "../model/connection.ts";
import type { Settings } from "../model/settings.ts";
import type { Wanted } from "./heroku-vpn.ts";
import type { Rotation } from "./record.ts";

/** What the command line says; everything that is missing comes from elsewhere. */
export interface Given {
  readonly name?: string | undefined;
  readonly space?: string | undefined;
  readonly ip?: string | undefined;
  readonly cidrs?: readonly string[] | undefined;
}

/** A question for a person. `check` says what is wrong with an answer. */
export interface Question {
  readonly message: string;
  readonly example: string;
  readonly check: (answer: string) => string | undefined;
}

/** Rejects with INTERRUPTED when the person gives up; undefined where there is nobody to ask. */
export type Ask = ((question: Question) => Promise<string>) | undefined;

const missing = (option: string, what: string): SpacegateError =>
  new SpacegateError("OPTION_MISSING", `${option} is missing: ${what}.`, {
    fix: `Give ${option}, or run the command in a terminal, where it is asked for.`,
  });

/** The settings' own connection that fits what is given, when there is exactly one. */
const configured = ({ name, space }: Given, settings: Settings | undefined): Settings["connections"][number] | undefined => {
  const fitting = (settings?.connections ?? []).filter(
    (own) => (space === undefined || own.space === space) && (name === undefined || own.name === name),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
};

const pick = async (found: string | undefined, option: string, what: string, ask: Ask, question: Question): Promise<string> => {
  if (found !== undefined) return found;
  if (!ask) throw missing(option, what);
  return ask(question);
};

/** Space and name: as given, else from the settings, else from `only` (the space's one connection), else asked. */
export const completeRef = async (
  given: Given,
  settings: Settings | undefined,
  ask: Ask,
  only: (space: string) => Promise<string | undefined>,
): Promise<ConnectionRef> => {
  const own = configured(given, settings);
  const space = await pick(given.space ?? own?.space, "--space", "the Private Space's name", ask, {
    message: "Which Private Space?",
    example: "acme-space",
    check: herokuNameProblem,
  });
  const known = given.name ?? (own?.space === space ? own.name : undefined) ?? (await only(space));
  const name = await pick(known, "NAME", "the VPN connection's name", ask, {
    message: "The VPN connection's name?",
    example: "office",
    check: herokuNameProblem,
  });
  return { space, name };
};

/** Address and CIDRs: as given, else as the interrupted rotation had them, else from the settings, else asked. */
export const completeWanted = async (
  ref: ConnectionRef,
  given: Given,
  settings: Settings | undefined,
  rotation: Rotation | undefined,
  ask: Ask,
): Promise<Wanted> => {
  const own = configured(ref, settings);
  const before = rotation?.name === ref.name ? rotation : undefined;
  const publicIp = await pick(
    given.ip ?? before?.publicIp ?? own?.local.public_address,
    "--ip",
    "the static public address of this gateway",
    ask,
    {
      message: "This gateway's static public address?",
      example: "52.91.173.226",
      check: (answer) => (isIPv4(answer) ? undefined : "an IPv4 address, such as 52.91.173.226"),
    },
  );
  const found = given.cidrs ?? before?.routableCidrs ?? own?.local.subnets;
  if (found) return { publicIp, routableCidrs: found };
  const answer = await pick(undefined, "--cidrs", "the local networks that the space may reach", ask, {
    message: "Which local networks may the space reach?",
    example: "172.16.0.0/16,192.168.10.0/24",
    check: (text) => (splitList(text).length > 0 ? undefined : "one block at least, such as 172.16.0.0/16"),
  });
  return { publicIp, routableCidrs: splitList(answer) };
};
