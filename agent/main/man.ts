import { treeOf } from "../cli/command-tree.ts";
import type { ManOptions } from "../cli/man.ts";
import { manText } from "../cli/man-text.ts";
import { VERSION } from "./version.ts";

export const man = async ({ program }: ManOptions): Promise<number> => {
  process.stdout.write(manText(treeOf(program), VERSION));
  return 0;
};
