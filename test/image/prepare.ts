import { execFile } from "node:child_process";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { acceleratorOf } from "../../packer/image/accelerator.ts";
import { buildImage } from "../../packer/image/build.ts";
import { architectureOf } from "../../systemd/package/architecture.ts";
import { build } from "../../systemd/package/build.ts";
import type { ImageOptions } from "./options.ts";

const execute = promisify(execFile);

/** The version of the image's own package is lower. */
const REVISION = "9";
const ARCHITECTURE = architectureOf("amd64");

/** Returns the image's path; says how long it took and how large it is. */
const builtImage = async (say: (text: string) => void, signal: AbortSignal): Promise<string> => {
  const { path, seconds, system, usedBytes } = await buildImage({ signal, say });
  say(`${system}: built in ${seconds.total} s, ${(usedBytes / 1e6).toFixed(0)} MB installed`);
  return path;
};

/** The same package with a higher version. */
const makeUpgrade = async (root: string, work: string): Promise<string> => {
  const out = join(work, "upgrade");
  await mkdir(out, { recursive: true });
  // Spares the download of Node.
  await execute("cp", ["-r", join(root, ".package/cache"), out]).catch(() => undefined);
  return (await build({ root, architecture: ARCHITECTURE, revision: REVISION, out })).path;
};

export interface Preparation {
  readonly root: string;
  /** An empty directory. */
  readonly work: string;
  /** An image that is there already. */
  readonly image: string | undefined;
  /** A package of a higher version than the image's, that is there already. */
  readonly upgrade: string | undefined;
  readonly only: readonly string[];
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Makes everything that a cell needs. */
export const prepare = async ({ root, work, only, say, signal, ...given }: Preparation): Promise<ImageOptions> => {
  const upgrade = given.upgrade ?? (await makeUpgrade(root, work));
  const unpacked = join(work, "unpacked");
  await execute("dpkg-deb", ["-x", upgrade, unpacked]);
  const path = given.image ?? (await builtImage(say, signal));
  say(`image: ${((await stat(path)).size / 1e6).toFixed(0)} MB`);
  const disk = join(work, "disk.raw");
  // What is compressed would be unpacked again and again while it runs.
  await execute("qemu-img", ["convert", "-O", "raw", path, disk]);
  return { disk, upgrade, unpacked, accelerator: await acceleratorOf(signal), only };
};
