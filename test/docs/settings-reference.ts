import { readFile, writeFile } from "node:fs/promises";
import { asYaml, exampleAt } from "../../agent/settings/example.ts";
import type { Path } from "../../agent/settings/path.ts";
import { type SchemaNode, settingsJsonSchema } from "../../agent/settings/schema.ts";

const BEGIN = "<!-- settings:begin -->";
const END = "<!-- settings:end -->";
const WRITE = "`node test/docs/settings-reference.ts --write`";

const readme = new URL("../../README.md", import.meta.url);

const code = (text: string): string => `\`${text.replaceAll("|", "\\|")}\``;

const bounds = ({ minimum, maximum, $comment }: SchemaNode): string => {
  if ($comment !== undefined) return `, ${$comment}`;
  return minimum === undefined || maximum === undefined ? "" : `, ${minimum} to ${maximum}`;
};

const typeText = (node: SchemaNode): string => {
  if (node.enum) return node.enum.map((choice) => code(String(choice))).join(", ");
  if (node.properties) return "mapping";
  if (node.items) return `list of ${node.items.properties ? "mappings" : typeText(node.items)}`;
  if (node.$comment !== undefined) return `duration${bounds(node)}`;
  const words: Readonly<Record<string, string>> = { integer: "whole number", boolean: "`true`, `false`" };
  return `${words[node.type ?? ""] ?? "text"}${bounds(node)}`;
};

const defaultText = (node: SchemaNode, required: boolean): string => {
  if (required) return "required";
  return node.default === undefined || node.properties ? "" : code(asYaml(node.default));
};

interface Row {
  readonly key: string;
  /** For `exampleAt`. */
  readonly path: Path;
  readonly node: SchemaNode;
  readonly required: boolean;
}

const rowsOf = (node: SchemaNode, key = "", path: Path = []): Row[] => {
  if (node.items?.properties) return rowsOf(node.items, `${key}[]`, [...path, 0]);
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const childKey = key === "" ? name : `${key}.${name}`;
    const row = { key: childKey, path: [...path, name], node: child, required: node.required?.includes(name) ?? false };
    return [row, ...rowsOf(child, childKey, row.path)];
  });
};

const meaningText = ({ path, node }: Row): string => {
  const meaning = node.description?.replaceAll("|", "\\|") ?? "";
  const speaksForItself = node.default !== undefined || node.properties || node.items?.properties;
  return speaksForItself ? meaning : `${meaning} For example ${code(exampleAt(path) ?? "")}.`;
};

const cellsOf = (row: Row): string[] => [
  code(row.key),
  typeText(row.node),
  defaultText(row.node, row.required),
  meaningText(row),
];

/** Padded as the formatter pads, so that it finds nothing to change. */
const table = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? [];
  const rule = widths.map((width) => "-".repeat(width));
  const [head = [], ...body] = rows.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
  return [head, rule, ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
};

/** The settings reference as a Markdown table, made from the schema that validates the file. */
export const settingsReference = (): string =>
  table([["Key", "Value", "Default", "Meaning"], ...rowsOf(settingsJsonSchema()).map(cellsOf)]);

/** The README with a fresh reference between its markers. Throws when the markers are not there, once each and in order. */
export const withReference = (text: string): string => {
  const [before, inside, ...rest] = text.split(BEGIN);
  const [, after, ...others] = inside?.split(END) ?? [];
  if (before === undefined || after === undefined || rest.length > 0 || others.length > 0) {
    throw new Error(`README.md needs one line ${BEGIN} and below it one line ${END}; ${WRITE} fills what is between them`);
  }
  return `${before}${BEGIN}\n${settingsReference()}\n${END}${after}`;
};

if (import.meta.main && process.argv.includes("--write")) {
  await writeFile(readme, withReference(await readFile(readme, "utf8")));
}
