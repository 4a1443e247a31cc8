import { readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { writeAtomically } from "../lib/atomic-file.ts";
import { errnoOf, messageOf, SpacegateError } from "../lib/errors.ts";
import type { ConnectionRef } from "../model/connection.ts";
import type { Wanted } from "./heroku-vpn.ts";

/**
 * A rotation that has begun: all that is needed to go on, and nothing secret.
 * destroy: the old connection may still be there. create: it is gone.
 */
export interface Rotation extends ConnectionRef, Wanted {
  /** Heroku's id of the old connection. */
  readonly oldId: string;
  readonly stage: "destroy" | "create";
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

const rotationSchema = z.object({
  space: z.string(),
  name: z.string(),
  publicIp: z.string(),
  routableCidrs: z.array(z.string()),
  oldId: z.string(),
  stage: z.enum(["destroy", "create"]),
  startedAt: z.number(),
});

/** Where rotations are remembered until they are done. */
export interface Rotations {
  read(space: string): Promise<Rotation | undefined>;
  write(rotation: Rotation): Promise<void>;
  remove(space: string): Promise<void>;
}

const unusable = (path: string, doing: string, thrown: unknown): SpacegateError =>
  new SpacegateError("HOST_WRITE_FAILED", `${path} cannot be ${doing} (${errnoOf(thrown) ?? messageOf(thrown)}).`, {
    fix: "Run as root: an interrupted rotation is remembered there. Elsewhere than on the gateway, `--root DIR` keeps it below DIR.",
    cause: thrown,
  });

/** A file for each space, for a space has one connection at most. */
export class RotationFiles implements Rotations {
  readonly #directory: string;

  constructor(root: string) {
    this.#directory = join(root, "/var/lib/spacegate");
  }

  /** A file that cannot be read, or is damaged, is none. */
  async read(space: string): Promise<Rotation | undefined> {
    const text = await readFile(this.#path(space), "utf8").catch(() => "");
    try {
      return rotationSchema.parse(JSON.parse(text));
    } catch {
      return undefined;
    }
  }

  /** Throws HOST_WRITE_FAILED. */
  async write(rotation: Rotation): Promise<void> {
    const path = this.#path(rotation.space);
    const text = `${JSON.stringify(rotation, undefined, 2)}\n`;
    await writeAtomically({ path, text, mode: 0o600, directoryMode: 0o700 }).catch((thrown: unknown) => {
      throw unusable(path, "written", thrown);
    });
  }

  /** Throws HOST_WRITE_FAILED. */
  async remove(space: string): Promise<void> {
    await unlink(this.#path(space)).catch((thrown: unknown) => {
      if (errnoOf(thrown) !== "ENOENT" && errnoOf(thrown) !== "ENOTDIR") throw unusable(this.#path(space), "removed", thrown);
    });
  }

  #path(space: string): string {
    return join(this.#directory, `rotate-${space}.json`);
  }
}
