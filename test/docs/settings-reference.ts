import { asYaml, exampleAt } from "../../agent/settings/example.ts";
import type { Path } from "../../agent/settings/path.ts";
import { type SchemaNode, settingsJsonSchema } from "../../agent/settings/schema.ts";
import { table } from "./table.ts";

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

/** The settings reference as a Markdown table, made from the schema that validates the file. */
export const settingsReference = (): string =>
  table([["Key", "Value", "Default", "Meaning"], ...rowsOf(settingsJsonSchema()).map(cellsOf)]);
