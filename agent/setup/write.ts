import { copyFile, readFile, stat } from "node:fs/promises";
import { writeAtomically } from "../lib/atomic-file.ts";
import { errnoOf, messageOf, SpacegateError } from "../lib/errors.ts";
import type { Secret } from "../lib/secret.ts";
import { refuse } from "./heroku-side.ts";

const failed = (path: string, thrown: unknown): SpacegateError =>
  new SpacegateError("HOST_WRITE_FAILED", `${path} cannot be written (${errnoOf(thrown) ?? messageOf(thrown)}).`, {
    fix: "Run `spacegate setup` as root, and make room.",
    cause: thrown,
  });

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Throws SETUP_REFUSED when a settings file is there and may not be replaced. */
export const assertMayWrite = async (path: string, mayReplace: () => Promise<boolean>): Promise<void> => {
  if (!(await exists(path)) || (await mayReplace())) return;
  throw refuse(`${path} exists; nothing was written.`, "--force replaces it and keeps the old one beside it.");
};

/**
 * Writes the settings, with the old file kept as PATH.before-setup-TIME (whose path it resolves to). They hold no secret, so
 * everybody may read them. `stamp`: "20261122T141953". Throws HOST_WRITE_FAILED.
 */
export const writeSettings = async (path: string, text: string, stamp: string): Promise<string | undefined> => {
  try {
    const kept = (await exists(path)) ? `${path}.before-setup-${stamp}` : undefined;
    if (kept !== undefined) await copyFile(path, kept);
    await writeAtomically({ path, text, mode: 0o644 });
    return kept;
  } catch (thrown) {
    throw failed(path, thrown);
  }
};

/** Puts the token where the service's LoadCredential finds it, for root alone; false when it is there already. Throws HOST_WRITE_FAILED. */
export const storeToken = async (path: string, token: Secret): Promise<boolean> => {
  const before = await readFile(path, "utf8").catch(() => "");
  if (before.trim() === token.reveal()) return false;
  try {
    await writeAtomically({ path, text: `${token.reveal()}\n`, mode: 0o600, directoryMode: 0o700 });
    return true;
  } catch (thrown) {
    throw failed(path, thrown);
  }
};
