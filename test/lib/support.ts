import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Clock } from "../../agent/lib/clock.ts";

export { failureOf, logLines, temporaryDirectory } from "../source/support.ts";

/** Time that passes only while somebody sleeps. */
export class ManualClock implements Clock {
  ms = 1000;

  now(): number {
    return 1_700_000_000_000 + this.ms;
  }

  monotonic(): number {
    return this.ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.ms += ms;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A small program for PATH. */
export const writeProgram = async (directory: string, name: string, script: string): Promise<string> => {
  const path = join(directory, name);
  await writeFile(path, script);
  await chmod(path, 0o755);
  return path;
};

/** Until the test ends, programs are looked for in `directory` first. */
export const putOnPath = (directory: string): void => {
  const before = process.env.PATH;
  process.env.PATH = `${directory}:${before}`;
  onTestFinished(() => {
    process.env.PATH = before;
  });
};

/** Every file and directory below a directory: path, mode and content, as one readable text. */
export const snapshotOf = async (directory: string): Promise<string> => {
  const names = (await readdir(directory, { recursive: true })).sort();
  const lines = names.map(async (name) => {
    const found = await stat(join(directory, name));
    const content = found.isFile() ? await readFile(join(directory, name), "utf8") : "";
    return `${name} ${found.mode.toString(8)} ${content}`;
  });
  return (await Promise.all(lines)).join("\n");
};
