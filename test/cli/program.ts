import { type CommandNode, treeOf } from "../../agent/cli/command-tree.ts";
import { type Actions, buildProgram } from "../../agent/cli/program.ts";

/** The program's commands; none of them can be run. */
export const programTree = (): CommandNode => treeOf(buildProgram("0.1.0", {} as Actions, () => {}));
