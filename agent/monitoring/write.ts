import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomically } from "../lib/atomic-file.ts";
import { errnoOf, messageOf, SpacegateError } from "../lib/errors.ts";
import type { MonitoringFile } from "./files.ts";

export interface WrittenFile {
  readonly path: string;
  readonly change: "created" | "replaced" | "unchanged";
}

interface Planned extends WrittenFile {
  readonly text: string;
}

const failed = (what: string, thrown: unknown): SpacegateError =>
  new SpacegateError("HOST_WRITE_FAILED", `${what}: ${messageOf(thrown)}`, {
    fix: "Choose a directory that this user may write to: spacegate monitoring --out DIR",
    cause: thrown,
  });

const readOld = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return undefined;
    throw failed(`${path} cannot be read`, thrown);
  }
};

const planned = async (directory: string, { name, text }: MonitoringFile): Promise<Planned> => {
  const path = join(directory, name);
  const old = await readOld(path);
  return { path, text, change: old === undefined ? "created" : old === text ? "unchanged" : "replaced" };
};

const refuseOthers = (files: readonly Planned[]): void => {
  const others = files.filter(({ change }) => change === "replaced").map(({ path }) => path);
  if (others.length === 0) return;
  const [verb, them] = others.length === 1 ? ["is", "it"] : ["are", "them"];
  throw new SpacegateError(
    "OUTPUT_EXISTS",
    `${others.join(", ")} ${verb} there already with another content; nothing was written.`,
    {
      fix: `Use --force to replace ${them}, or choose another directory.`,
    },
  );
};

/**
 * Writes the files into the directory, which is made when it is not there; what is right already is not touched. Throws
 * OUTPUT_EXISTS, before anything is written, when a file would be replaced and `force` does not say so; HOST_WRITE_FAILED.
 */
export const writeFiles = async (
  directory: string,
  files: readonly MonitoringFile[],
  force: boolean,
): Promise<readonly WrittenFile[]> => {
  const plans = await Promise.all(files.map((file) => planned(directory, file)));
  if (!force) refuseOthers(plans);
  for (const { path, text, change } of plans) {
    if (change === "unchanged") continue;
    await writeAtomically({ path, text, mode: 0o644 }).catch((thrown) => {
      throw failed(`${path} cannot be written`, thrown);
    });
  }
  return plans.map(({ path, change }) => ({ path, change }));
};
