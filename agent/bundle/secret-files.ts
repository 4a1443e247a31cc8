import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf, messageOf, SpacegateError } from "../lib/errors.ts";

/** Far more than a thousand connections need. */
const MAX_BYTES = 67_108_864;

const ABSENT = new Set(["ENOENT", "ENOTDIR", "EISDIR"]);

/** What is not there has no secrets; what must not be read may have some, and then no bundle can be proven clean. */
const whenPresent = async <T>(path: string, read: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await read();
  } catch (thrown) {
    if (ABSENT.has(errnoOf(thrown) ?? "")) return undefined;
    throw new SpacegateError("HOST_READ_FAILED", `${path} cannot be read: ${messageOf(thrown)}`, {
      fix: "Run `spacegate bundle` as root: only what it can read can it keep out of the bundle.",
      cause: thrown,
    });
  }
};

/** The text of a file; undefined when there is none: sockets and pipes hold no secrets. Throws HOST_READ_FAILED. */
export const textOf = (path: string): Promise<string | undefined> =>
  whenPresent(path, async () => {
    const found = await stat(path);
    if (!found.isFile()) return undefined;
    if (found.size > MAX_BYTES) throw new Error(`it has ${found.size} bytes`);
    return readFile(path, "utf8");
  });

/** Every file in a directory and below it whose path `fits`. Throws HOST_READ_FAILED. */
export const filesIn = async (directory: string, fits: (name: string) => boolean = () => true): Promise<string[]> => {
  const names = (await whenPresent(directory, () => readdir(directory, { recursive: true }))) ?? [];
  return names.filter(fits).map((name) => join(directory, name));
};
