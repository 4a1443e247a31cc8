import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Architecture, RUNTIME_VERSION } from "./architecture.ts";
import { tool } from "./tools.ts";

const sha512 = async (path: string): Promise<string> =>
  `sha512-${createHash("sha512")
    .update(await readFile(path))
    .digest("base64")}`;

/** npm's tarball of Node, from `cache` where it is there. Throws when it is not the one that the recipe names. */
const fetchTarball = async ({ runtime, integrity }: Architecture, cache: string): Promise<string> => {
  const tarball = join(cache, `${runtime}-${RUNTIME_VERSION}.tgz`);
  await mkdir(cache, { recursive: true });
  if (!existsSync(tarball)) await tool("npm", ["pack", "--silent", `${runtime}@${RUNTIME_VERSION}`], { cwd: cache });
  const found = await sha512(tarball);
  if (found !== integrity) throw new Error(`${tarball} is ${found}, and the recipe wants ${integrity}`);
  return tarball;
};

export interface Runtime {
  readonly licence: string;
}

/** Puts Node for the architecture at `target`, without the symbols that only a debugger reads, and says its licence. */
export const addRuntime = async (
  architecture: Architecture,
  target: string,
  cache: string,
  scratch: string,
): Promise<Runtime> => {
  const tarball = await fetchTarball(architecture, cache);
  await tool("tar", ["-xzf", tarball, "-C", scratch, "package/bin/node", "package/LICENSE"]);
  const binary = join(scratch, "package/bin/node");
  await chmod(binary, 0o755);
  await tool(architecture.strip, ["--strip-unneeded", "--remove-section=.comment", binary]);
  await copyFile(binary, target);
  return { licence: await readFile(join(scratch, "package/LICENSE"), "utf8") };
};
