import { mkdir, open, readdir, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errnoOf } from "../lib/errors.ts";

const temporaryPrefix = (path: string): string => `.${basename(path)}.`;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return errnoOf(thrown) !== "ESRCH";
  }
};

/** A process that was killed while writing left its temporary file, secrets and all. */
const sweep = async (path: string): Promise<void> => {
  const prefix = temporaryPrefix(path);
  for (const name of await readdir(dirname(path))) {
    const pid = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    if (!/^\d+$/.test(pid) || (Number(pid) !== process.pid && isAlive(Number(pid)))) continue;
    await unlink(join(dirname(path), name));
  }
};

const writeTemporary = async (path: string, text: string): Promise<void> => {
  await using handle = await open(path, "wx", 0o600);
  await handle.chmod(0o600);
  await handle.writeFile(text);
  await handle.sync();
};

const syncDirectory = async (path: string): Promise<void> => {
  await using handle = await open(path, "r");
  await handle.sync();
};

/**
 * Replaces the file as a whole, mode 0600: whoever reads it sees the old text or the new one, also after a crash.
 * One call at a time for a path. Throws the system's error; the old file is then untouched.
 */
export const writePrivateFile = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await sweep(path);
  const temporary = join(dirname(path), `${temporaryPrefix(path)}${process.pid}`);
  try {
    await writeTemporary(temporary, text);
    await rename(temporary, path);
  } catch (thrown) {
    await unlink(temporary).catch(() => undefined);
    throw thrown;
  }
  await syncDirectory(dirname(path));
};
