import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf, messageOf, SpacegateError } from "../lib/errors.ts";
import { Secret } from "../lib/secret.ts";
import type { Observed, ObservedFile } from "../model/observed.ts";

/** A configuration file is far smaller; anything larger is not one. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Text that is not UTF-8 would not survive being written back. */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const readOne = async (path: string): Promise<ObservedFile | undefined> => {
  try {
    const found = await stat(path);
    if (!found.isFile() || found.size > MAX_BYTES) throw new Error("it is not a file of ordinary size");
    return { content: new Secret(UTF8.decode(await readFile(path))), mode: found.mode & 0o7777, modifiedAt: found.mtimeMs };
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT" || errnoOf(thrown) === "ENOTDIR") return undefined;
    throw new SpacegateError("HOST_READ_FAILED", `${path} could not be read: ${messageOf(thrown)}`, {
      fix: errnoOf(thrown) === "EACCES" ? "Run this as root: the file holds secrets." : "Look at the path.",
      cause: thrown,
    });
  }
};

/** The files as they are, by path; missing ones are missing. Rejects with HOST_READ_FAILED. */
export const observeFiles = async (root: string, paths: readonly string[]): Promise<Observed["files"]> => {
  const found = await Promise.all(paths.map(async (path) => [path, await readOne(join(root, path))] as const));
  return Object.fromEntries(found.flatMap(([path, file]) => (file ? [[path, file]] : [])));
};
