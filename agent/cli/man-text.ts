import { allCommands, type CommandNode, type OptionNode } from "./command-tree.ts";

/** Text for roff: no line of it is taken for a request, and a hyphen stays what one types. */
const roff = (text: string): string =>
  text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll(/^(?=[.'])/gm, "\\&")
    .replaceAll(/\P{ASCII}/gu, (letter) => `\\[u${letter.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}]`);

const bold = (text: string): string => `\\fB${roff(text)}\\fR`;

const verbatim = (text: string): string[] => [".PP", ".nf", ...roff(text).split("\n"), ".fi"];

const definition = (term: string, text: string): string[] => [".TP", term, roff(text)];

const optionLines = ({ flags, description }: OptionNode): string[] => definition(bold(flags), description);

const usage = ({ path, arguments: values, options }: CommandNode): string =>
  ["spacegate", ...path, ...values.map(({ shown }) => shown), ...(options.length > 0 ? ["[options]"] : [])].join(" ");

/** Nearly every command has them. */
const COMMON = new Set(["--config", "--root"]);
const TOLD_ONCE = new Set([...COMMON, "--help"]);

const commonOptions = (root: CommandNode): string[] => {
  const all = allCommands(root).flatMap(({ options }) => options);
  return [...COMMON].flatMap((long) => all.find((option) => option.long === long) ?? []).flatMap(optionLines);
};

const commandLines = (node: CommandNode): string[] => [
  `.SS "${roff(usage(node))}"`,
  roff(`${node.description.charAt(0).toUpperCase()}${node.description.slice(1)}.`),
  ...node.arguments.flatMap(({ shown, description }) => definition(bold(shown), description)),
  ...node.options.filter(({ long }) => !TOLD_ONCE.has(long)).flatMap(optionLines),
  ...(node.notes === "" ? [] : verbatim(node.notes)),
];

const EXITS: readonly (readonly [string, string])[] = [
  ["0", "As wanted."],
  ["1", "Degraded, refused or failed; the message says what to do and ends with a stable code."],
  ["2", "Wrong usage."],
  ["3", "The settings are missing or wrong."],
  ["130", "Stopped by Ctrl-C."],
];

const SIGNALS: readonly (readonly [string, string])[] = [
  ["SIGTERM, SIGINT", "The agent ends and leaves the tunnels up."],
  ["SIGHUP", "Settings, templates and Heroku's details are read anew."],
  ["SIGUSR1", "Logs at level debug, or again as log.level in the settings says."],
];

const FILES: readonly (readonly [string, string])[] = [
  ["/etc/spacegate/config.yaml", "The settings; `spacegate schema` describes them."],
  ["/etc/spacegate/templates/", "Templates in place of the built-in ones."],
  ["/etc/credstore/heroku-api-key", "The Heroku API token, readable by root only."],
  ["/var/lib/spacegate/", "The last good copy of Heroku's details and what else outlives a restart, readable by root only."],
  [
    "/etc/ipsec.conf, /etc/ipsec.secrets",
    "Written by the agent in install mode own; what it found is kept as *.before-spacegate.",
  ],
];

const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ["SPACEGATE_CONFIG", "The settings file, where --config does not name one."],
  ["HEROKU_API_KEY", "The Heroku API token, where there is no systemd credential."],
  ["NO_COLOR", "When set and not empty, output has no colours."],
];

const section = (name: string, entries: readonly (readonly [string, string])[]): string[] => [
  `.SH ${name}`,
  ...entries.flatMap(([term, text]) => definition(bold(term), text)),
];

/** The manual page spacegate(8) as roff, for man(1). */
export const manText = (root: CommandNode, version: string): string =>
  [
    '.\\" Made by `spacegate man`.',
    `.TH SPACEGATE 8 "" "spacegate ${roff(version)}" "System Administration"`,
    ".SH NAME",
    `spacegate \\- ${roff(root.description.charAt(0).toLowerCase() + root.description.slice(1))}`,
    ".SH SYNOPSIS",
    `${bold("spacegate")} \\fIcommand\\fR [\\fIoptions\\fR]`,
    ".SH DESCRIPTION",
    roff(
      "spacegate runs on the Linux host where a private network meets a Heroku Private Space. It fetches the VPN connection's details from Heroku, renders strongSwan's configuration for both tunnels, brings them up, watches them, keeps traffic on a tunnel that passes packets, and tells people and monitoring how things are.",
    ),
    ".SH COMMANDS",
    ...allCommands(root)
      // A command that only has others below it does nothing by itself.
      .filter(({ path, commands }) => path.length > 0 && commands.length === 0)
      .flatMap(commandLines),
    ".SH COMMON OPTIONS",
    "Every command that reads the settings takes these.",
    ...commonOptions(root),
    ...section("EXIT STATUS", EXITS),
    ...section("SIGNALS", SIGNALS),
    ...section("FILES", FILES),
    ...section("ENVIRONMENT", ENVIRONMENT),
    ".SH SEE ALSO",
    ".BR ipsec (8),",
    ".BR ipsec.conf (5),",
    ".BR swanctl (8)",
    "",
  ].join("\n");
