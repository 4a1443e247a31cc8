import { type AddCommand, type CommonOptions, withCommon } from "./options.ts";

export interface BundleOptions extends CommonOptions {
  /** A file, or a directory for a file with the usual name. */
  readonly out?: string;
  /** Parts by name. */
  readonly without?: readonly string[];
  readonly json?: boolean;
}

const HELP = `
It holds versions, settings, rendered files with fingerprints for PSKs, status, SAs, routes, rules, links, xfrm state and
policy without keys, and recent logs. PSKs, tokens and keys are taken out, and every file is searched for each secret that
this host knows; when one is found, nothing is written. Exit codes: 0 written; 1 refused or failed.

Examples:
  sudo spacegate bundle
  sudo spacegate bundle --out /tmp --without logs/strongswan.log`;

export const addBundle: AddCommand<BundleOptions> = (program, finish, act) => {
  withCommon(program.command("bundle"))
    .description("write one tar.gz (0600) with what support needs to know about this host, and no secret")
    .option("--out <file>", "where to: a file, or a directory for spacegate-bundle-HOST-TIME.tar.gz; without it this directory")
    .option("--without <part...>", "leave out these parts, by the names that the list of contents has")
    .option("--json", 'print {"file":…,"files":[…]} instead of the list of contents')
    .addHelpText("after", HELP)
    .action(finish(act));
};
