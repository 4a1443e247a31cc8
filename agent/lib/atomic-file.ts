import { link, mkdir, open, readdir, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errnoOf } from "./errors.ts";

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
    await unlink(join(dirname(path), name)).catch((thrown) => {
      // Another process swept at the same moment.
      if (errnoOf(thrown) !== "ENOENT") throw thrown;
    });
  }
};

const makeDirectory = async (path: string, mode: number): Promise<void> => {
  try {
    await mkdir(path, { recursive: true, mode });
  } catch (thrown) {
    // On a read-only file system Node's recursive form says ENOENT; the plain one says why.
    if (errnoOf(thrown) === "ENOENT") await mkdir(path, { mode });
    throw thrown;
  }
};

const writeTemporary = async (path: string, text: AtomicWrite["text"], mode: number): Promise<void> => {
  await using handle = await open(path, "wx", 0o600);
  await handle.writeFile(text);
  await handle.chmod(mode);
  await handle.sync();
};

/** A link is made or refused at once; a rename would replace. */
const linkOnly = async (temporary: string, path: string): Promise<void> => {
  await link(temporary, path);
  await unlink(temporary);
};

const syncDirectory = async (path: string): Promise<void> => {
  await using handle = await open(path, "r");
  await handle.sync();
};

export interface AtomicWrite {
  readonly path: string;
  /** Bytes for what is not the agent's own and may be in any encoding. */
  readonly text: string | Uint8Array;
  /** Permission bits. */
  readonly mode: number;
  /** Permission bits of directories that have to be made; 0755 if absent. */
  readonly directoryMode?: number;
  /** Throws EEXIST rather than take the place of a file that is there, made a moment ago by another process too. */
  readonly unlessThere?: boolean;
  /** Looks at the new file under its temporary name; what it throws keeps the old file in place. */
  readonly check?: (temporary: string) => Promise<void>;
}

/**
 * Replaces the file as a whole: whoever reads it sees the old text or the new one, also after a crash.
 * One call at a time for a path. Throws the system's error, or the check's; the old file is then untouched.
 */
export const writeAtomically = async (write: AtomicWrite): Promise<void> => {
  const { path, text, mode, directoryMode = 0o755, unlessThere = false, check } = write;
  await makeDirectory(dirname(path), directoryMode);
  await sweep(path);
  const temporary = join(dirname(path), `${temporaryPrefix(path)}${process.pid}`);
  try {
    await writeTemporary(temporary, text, mode);
    await check?.(temporary);
    await (unlessThere ? linkOnly(temporary, path) : rename(temporary, path));
  } catch (thrown) {
    await unlink(temporary).catch(() => undefined);
    throw thrown;
  }
  await syncDirectory(dirname(path));
};
