import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import tmp from "tmp";

export const PACKER = fileURLToPath(new URL("../../packer", import.meta.url));

/** A directory that ends with the process. */
export const directory = (): string => tmp.dirSync({ unsafeCleanup: true }).name;

export const put = async (root: string, path: string, text: string): Promise<void> => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
};
