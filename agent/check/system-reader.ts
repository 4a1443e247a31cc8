import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import type { HostReader } from "./host-reader.ts";

const orUndefined = <T>(wanted: Promise<T>): Promise<T | undefined> => wanted.catch(() => undefined);

/** The real host, or what lies below a directory. */
export const systemReader = (root: string): HostReader => ({
  text: (path) => orUndefined(readFile(join(root, path), "utf8")),
  names: async (path) => (await orUndefined(readdir(join(root, path)))) ?? [],
  link: (path) => orUndefined(readlink(join(root, path))),
  stat: async (path) => {
    const found = await orUndefined(stat(join(root, path)));
    return found && { mode: found.mode & 0o7777, uid: found.uid };
  },
});
