import { generatedBlock } from "./markdown.ts";

/** The blocks of README.md that tell of metrics. */
const BLOCKS = ["metrics", "torilabs"] as const;

/** The names of the metrics that README.md has a row for. */
export const documentedMetrics = (readme: string): string[] =>
  BLOCKS.flatMap((name) => [...generatedBlock(readme, name).matchAll(/^\| `(\w+)`/gm)].map(([, metric = ""]) => metric));
