import { access, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomically } from "../lib/atomic-file.ts";
import { errnoOf, messageOf, SpacegateError } from "../lib/errors.ts";
import type { DesiredFile } from "../model/desired.ts";
import type { CommandRunner } from "./command.ts";

const STARTER = "/usr/lib/ipsec/starter";

const FIXES: Readonly<Record<string, string>> = {
  EROFS: "The file system is mounted read-only: remount it, or allow the path in the unit (ReadWritePaths=).",
  ENOSPC: "The disk is full: free some space. The old file is still in place.",
  EACCES: "The agent must run as root to write there.",
  EPERM: "The agent must run as root to write there; look also for the immutable attribute (lsattr).",
};

const writeFailure = (path: string, thrown: unknown): SpacegateError =>
  new SpacegateError("HOST_WRITE_FAILED", `${path} could not be written: ${messageOf(thrown)}`, {
    fix: FIXES[errnoOf(thrown) ?? ""] ?? "Look at the path and its directory.",
    cause: thrown,
    details: { path },
  });

/** starter says "config OK" and exits 0 for conns that it drops, so its words are read too. */
const conftest = async (commands: CommandRunner, path: string): Promise<void> => {
  const { exitCode, output } = await commands.run(STARTER, ["--conftest", "--conf", path], 10_000);
  if (exitCode === 0 && !/ignored conn|### \d+ parsing error|syntax error/.test(output)) return;
  throw new SpacegateError("CONFIG_REJECTED", `strongSwan refuses the rendered ipsec.conf: ${output.trim().slice(-500)}`, {
    fix: "Correct or remove /etc/spacegate/templates/ipsec.conf.hbs; with the built-in template this is a bug worth reporting.",
    details: { output },
  });
};

/** Puts a rendered file in its place, an ipsec.conf only when strongSwan's own parser takes it. */
export const writeFile = async (root: string, commands: CommandRunner, file: DesiredFile): Promise<void> => {
  const check = file.role === "ipsec.conf" && root === "/" ? (temporary: string) => conftest(commands, temporary) : undefined;
  const write = { path: join(root, file.path), text: file.content.reveal(), mode: file.mode, ...(check ? { check } : {}) };
  try {
    await writeAtomically(write);
  } catch (thrown) {
    throw thrown instanceof SpacegateError ? thrown : writeFailure(file.path, thrown);
  }
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Keeps the file that the agent found, once: a copy that exists already is the original and stays. It appears as a whole,
 * because after a crash half a copy would pass for the original.
 */
export const keepOriginal = async (root: string, path: string, keptAs: string): Promise<void> => {
  const [found, kept] = [join(root, path), join(root, keptAs)];
  if ((await exists(kept)) || !(await exists(found))) return;
  try {
    await writeAtomically({ path: kept, text: await readFile(found), mode: (await stat(found)).mode & 0o7777 });
  } catch (thrown) {
    throw writeFailure(keptAs, thrown);
  }
};
