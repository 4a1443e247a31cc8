import { createHash } from "node:crypto";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

/** What a running system changes by itself, and dpkg's own book-keeping of what was ever installed. */
const RESTLESS =
  /^(proc|sys|dev|run|tmp|var\/tmp|var\/log|var\/cache|var\/lib\/dpkg|var\/lib\/systemd\/(timers|random-seed))(\/|$)/;
const CACHES = new Set(["etc/ld.so.cache", "etc/.updated", "var/.updated", "root/.bash_history"]);

const describeEntry = async (path: string): Promise<string> => {
  const stats = await lstat(path);
  const owner = `${(stats.mode & 0o7777).toString(8)} ${stats.uid}:${stats.gid}`;
  if (stats.isSymbolicLink()) return `link ${await readlink(path)}`;
  if (!stats.isFile()) return `${stats.isDirectory() ? "directory" : "other"} ${owner}`;
  return `file ${owner} ${createHash("sha256")
    .update(await readFile(path))
    .digest("hex")}`;
};

const walk = async (root: string, below: string, found: Map<string, string>): Promise<void> => {
  for (const name of await readdir(join(root, below))) {
    const path = join(below, name);
    if (RESTLESS.test(path) || CACHES.has(path)) continue;
    const entry = await describeEntry(join(root, path));
    found.set(path, entry);
    if (entry.startsWith("directory")) await walk(root, path, found);
  }
};

export type Snapshot = ReadonlyMap<string, string>;

/** Every file of a system, with what is in it. */
export const snapshotOf = async (root: string): Promise<Snapshot> => {
  const found = new Map<string, string>();
  await walk(root, "", found);
  return found;
};

/** A line for each file that came, went or changed: "+ etc/x", "- etc/y", "! etc/z". */
export const differenceOf = (before: Snapshot, after: Snapshot): string[] => [
  ...[...after.keys()].filter((path) => !before.has(path)).map((path) => `+ ${path}`),
  ...[...before.keys()].filter((path) => !after.has(path)).map((path) => `- ${path}`),
  ...[...after].filter(([path, entry]) => before.has(path) && before.get(path) !== entry).map(([path]) => `! ${path}`),
];
