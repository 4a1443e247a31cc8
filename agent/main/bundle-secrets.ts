import { homedir } from "node:os";
import { join } from "node:path";
import { runOrFail, systemCommands } from "../apply/command.ts";
import { privateKeyLines, pskValues, soleValue, xfrmKeys } from "../bundle/known.ts";
import { filesIn, textOf } from "../bundle/secret-files.ts";
import { namedFiles, settingsSecrets } from "../bundle/settings-view.ts";
import type { KnownSecret } from "../bundle/spellings.ts";
import type { Settings } from "../model/settings.ts";
import { secretsIn } from "../render/mask.ts";

/** Whatever a file holds that must stay on this host, by its form. */
const secretsOf = (path: string, text: string): KnownSecret[] => [
  ...secretsIn(text).map((secret): KnownSecret => ({ name: `a secret of ${path}`, secret, encoding: "utf8" })),
  ...pskValues(`a PSK of ${path}`, text),
  ...privateKeyLines(`the private key in ${path}`, text),
];

const isSecretsFile = (name: string): boolean =>
  /^ipsec\.(?:.*\.)?secrets/.test(name) || /^ipsec\.d\/.*(?:\.secrets|private\/)/.test(name);

/** Files that may hold secrets beside other things. */
const mixedFiles = async (root: string, settings: Settings | undefined): Promise<string[]> => [
  ...(await filesIn(join(root, "etc/ipsec.d"), (name) => isSecretsFile(`ipsec.d/${name}`))),
  ...["ipsec.secrets", "ipsec.secrets.before-spacegate"].map((name) => join(root, "etc", name)),
  ...(await filesIn(join(root, "etc/spacegate"))),
  ...(await filesIn(join(root, "var/lib/spacegate"))),
  ...namedFiles(settings).map(({ path }) => path),
];

/** Files that are one secret as a whole. */
const soleFiles = async (root: string, settings: Settings | undefined): Promise<string[]> => [
  join(root, "var/lib/spacegate/fingerprint.key"),
  ...(await filesIn(join(root, "etc/credstore"), (name) => name.startsWith("heroku") || name.startsWith("spacegate"))),
  ...(await filesIn(join(root, "run/credentials/spacegate.service"))),
  ...(process.env.CREDENTIALS_DIRECTORY ? await filesIn(process.env.CREDENTIALS_DIRECTORY) : []),
  ...namedFiles(settings).flatMap(({ path, sole }) => (sole ? [path] : [])),
];

const read = async (paths: readonly string[], secrets: (path: string, text: string) => KnownSecret[]): Promise<KnownSecret[]> => {
  const texts = await Promise.all([...new Set(paths)].map(async (path) => [path, await textOf(path)] as const));
  return texts.flatMap(([path, text]) => (text === undefined ? [] : secrets(path, text)));
};

const netrcPasswords = (path: string, text: string): KnownSecret[] =>
  [...text.matchAll(/\bpassword\s+(\S+)/g)].flatMap(([, value = ""]) => soleValue(`a password of ${path}`, value));

/** The kernel's keys, read only to be looked for. Without `ip` there is nobody who could have printed them. */
const kernelKeys = async (root: string): Promise<KnownSecret[]> =>
  root === "/" ? xfrmKeys(await runOrFail(systemCommands, "ip", ["xfrm", "state"], 10_000).catch(() => "")) : [];

/** Every secret that this host knows. Rejects with HOST_READ_FAILED when something that may hold one must not be read. */
export const knownSecrets = async (root: string, settings: Settings | undefined): Promise<KnownSecret[]> => [
  ...(await read(await mixedFiles(root, settings), secretsOf)),
  ...(await read(await soleFiles(root, settings), (path, text) => soleValue(`the secret ${path}`, text))),
  ...(await read([join(process.env.HOME || homedir(), ".netrc")], netrcPasswords)),
  ...soleValue("HEROKU_API_KEY", process.env.HEROKU_API_KEY ?? ""),
  ...settingsSecrets(settings).flatMap((value) => soleValue("a secret in the settings", value)),
  ...(await kernelKeys(root)),
];
