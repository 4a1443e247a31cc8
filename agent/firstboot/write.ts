import { copyFile, readFile, stat } from "node:fs/promises";
import { writeAtomically } from "../lib/atomic-file.ts";
import { errnoOf, messageOf, SpacegateError } from "../lib/errors.ts";
import type { Secret } from "../lib/secret.ts";

const orFail = async (path: string, job: () => Promise<void>): Promise<void> => {
  try {
    await job();
  } catch (thrown) {
    throw new SpacegateError("HOST_WRITE_FAILED", `${path} cannot be written (${errnoOf(thrown) ?? messageOf(thrown)}).`, {
      fix: "Run it as root, and make room; then run `spacegate first-boot` again.",
      cause: thrown,
    });
  }
};

export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (thrown) => errnoOf(thrown) !== "ENOENT",
  );

/** Settings hold no secret: everybody may read them. A file that is there is kept as PATH.before-first-boot. Throws HOST_WRITE_FAILED. */
export const writeSettings = (path: string, text: string, mayReplace: boolean): Promise<void> =>
  orFail(path, async () => {
    if (mayReplace && (await isThere(path))) await copyFile(path, `${path}.before-first-boot`);
    await writeAtomically({ path, text, mode: 0o644, unlessThere: !mayReplace });
  });

/** For root alone, where the service's LoadCredential finds it; false when it is there already. Throws HOST_WRITE_FAILED. */
export const writeToken = async (path: string, token: Secret): Promise<boolean> => {
  const before = await readFile(path, "utf8").catch(() => "");
  if (before.trim() === token.reveal()) return false;
  await orFail(path, () => writeAtomically({ path, text: `${token.reveal()}\n`, mode: 0o600, directoryMode: 0o700 }));
  return true;
};
