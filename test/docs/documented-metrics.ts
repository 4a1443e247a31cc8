/** The blocks of README.md that tell of metrics. */
const BLOCKS = ["metrics", "torilabs"] as const;

const blockOf = (readme: string, name: string): string =>
  readme.split(`<!-- ${name}:begin -->`)[1]?.split(`<!-- ${name}:end -->`)[0] ?? "";

/** The names of the metrics that README.md has a row for. */
export const documentedMetrics = (readme: string): string[] =>
  BLOCKS.flatMap((name) => [...blockOf(readme, name).matchAll(/^\| `(\w+)`/gm)].map(([, metric = ""]) => metric));
