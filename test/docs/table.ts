/** A Markdown table, padded so that it reads as one in the source too; the first row is its head. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? [];
  const rule = widths.map((width) => "-".repeat(width));
  const [head = [], ...body] = rows.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
  return [head, rule, ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
};
