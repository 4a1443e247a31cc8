import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { pack } from "tar-stream";
import type { Entry } from "./clean.ts";

/** A tar.gz of these files below one directory, readable by its owner only. */
export const archive = async (directory: string, entries: readonly Entry[], modifiedAt: Date): Promise<Buffer> => {
  const tar = pack();
  for (const { name, text } of entries) tar.entry({ name: `${directory}/${name}`, mode: 0o600, mtime: modifiedAt }, text);
  tar.finalize();
  return promisify(gzip)(await buffer(tar));
};
