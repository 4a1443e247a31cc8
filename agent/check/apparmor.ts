import type { HostReader } from "./host-reader.ts";

/** A profile that the kernel applies to one of strongSwan's programs. */
export interface AppArmorProfile {
  readonly name: string;
  /** enforce, complain, … */
  readonly mode: string;
  /** Its rules with the site's additions; undefined when its file is not where Debian and Ubuntu have it. */
  readonly rules: string | undefined;
}

const LOADED = "/sys/kernel/security/apparmor/profiles";
const DIRECTORY = "/etc/apparmor.d";
const PROFILES = ["/usr/lib/ipsec/charon"];

const parseLoaded = (text: string): { name: string; mode: string }[] =>
  text.split("\n").flatMap((line) => {
    const [, name, mode] = /^(\S+) \((\w+)\)$/.exec(line) ?? [];
    return name && mode && PROFILES.includes(name) ? [{ name, mode }] : [];
  });

const rulesOf = async (reader: HostReader, name: string): Promise<string | undefined> => {
  const file = name.replace(/^\//, "").replaceAll("/", ".");
  const [own, local] = await Promise.all([reader.text(`${DIRECTORY}/${file}`), reader.text(`${DIRECTORY}/local/${file}`)]);
  return own === undefined ? undefined : `${own}\n${local ?? ""}`;
};

/** charon's profile as it is loaded; undefined on a kernel without AppArmor. */
export const gatherAppArmor = async (reader: HostReader): Promise<AppArmorProfile[] | undefined> => {
  const loaded = await reader.text(LOADED);
  if (loaded === undefined) return undefined;
  return Promise.all(parseLoaded(loaded).map(async (one) => ({ ...one, rules: await rulesOf(reader, one.name) })));
};

/** AppArmor's globs: `*` stops at a slash, `**` does not, `{a,b}` are alternatives. Source: apparmor.d(5), Globbing. */
const globToPattern = (glob: string): RegExp => {
  const pattern = glob.replace(/\*\*|[*?{},]|[^\w/*?{},]/g, (token) => {
    const meaning: Record<string, string> = { "**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|" };
    return meaning[token] ?? `\\${token}`;
  });
  return new RegExp(`^${pattern}$`);
};

const RULE = /^\s*(deny\s+)?(?:owner\s+)?"?(\/[^\s"]*)"?\s+([a-zA-Z]+),/;

/** Whether the rules let the program open a path with every one of the permissions ("r", "rw"). */
export const allows = (rules: string, path: string, permissions: string): boolean => {
  const matching = rules.split("\n").flatMap((line) => {
    const [, deny, glob, granted] = RULE.exec(line) ?? [];
    return glob && granted && globToPattern(glob).test(path) ? [{ deny: deny !== undefined, granted }] : [];
  });
  return [...permissions].every(
    (one) =>
      matching.some(({ deny, granted }) => !deny && granted.includes(one)) &&
      !matching.some(({ deny, granted }) => deny && granted.includes(one)),
  );
};
