import type { Settings } from "../model/settings.ts";
import type { HostReader } from "./host-reader.ts";

/** A file with secrets that is there. */
export interface SecretFile {
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  /** The owner of the host made it and may let a group read it. */
  readonly owners: boolean;
}

const FIXED = [
  "/etc/ipsec.secrets",
  "/etc/ipsec.secrets.before-spacegate",
  "/etc/ipsec.d/spacegate.secrets",
  "/var/lib/spacegate/last-good.json",
  "/var/lib/spacegate/fingerprint.key",
  "/run/spacegate/ledger.json",
  "/etc/credstore/heroku-api-key",
  "/etc/spacegate/heroku-api-key",
  "/root/.netrc",
];

const TLS_DIRECTORY = "/var/lib/spacegate/tls";

/** What the settings name, besides. */
const named = ({ heroku, listen }: Settings): string[] => [heroku.file, listen.token_file].flatMap((path) => path ?? []);

/** The agent's own files and everything else that holds its secrets, each once, as far as it is there. `more`: the token's. */
export const gatherSecretFiles = async (
  reader: HostReader,
  settings: Settings,
  more: readonly string[],
): Promise<SecretFile[]> => {
  const keys = (await reader.names(TLS_DIRECTORY)).filter((name) => name.endsWith(".pem"));
  const own = new Set([...FIXED, ...keys.map((name) => `${TLS_DIRECTORY}/${name}`), ...named(settings), ...more]);
  const owners = settings.listen.tls?.key;
  const wanted = [...[...own].map((path) => ({ path, owners: false })), ...(owners ? [{ path: owners, owners: true }] : [])];
  const found = await Promise.all(wanted.map(async (one) => ({ ...one, stat: await reader.stat(one.path) })));
  return found.flatMap(({ stat, ...one }) => (stat ? [{ ...one, ...stat }] : []));
};
