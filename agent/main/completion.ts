import { treeOf } from "../cli/command-tree.ts";
import type { CompletionOptions } from "../cli/completion.ts";
import { completionText } from "../cli/completion-text.ts";

export const completion = async ({ shell, program }: CompletionOptions): Promise<number> => {
  process.stdout.write(completionText(treeOf(program), shell));
  return 0;
};
