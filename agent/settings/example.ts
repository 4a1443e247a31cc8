import { stringify } from "yaml";
import type { Path } from "./path.ts";
import { type SchemaNode, settingsJsonSchema } from "./schema.ts";

const settings = settingsJsonSchema();

/** The schema of the value at `path` below `root`, the settings' own unless another is given; undefined where it knows none. */
export const schemaAt = (path: Path, root: SchemaNode = settings): SchemaNode | undefined =>
  path.reduce<SchemaNode | undefined>((node, segment) => {
    if (typeof segment === "number") return node?.items;
    return node?.properties && Object.hasOwn(node.properties, segment) ? node.properties[segment] : undefined;
  }, root);

const mappingExample = (node: SchemaNode): Record<string, unknown> => {
  const properties = node.properties ?? {};
  const keys = node.required ?? Object.keys(properties).slice(0, 1);
  return Object.fromEntries(keys.map((key) => [key, exampleOf(properties[key] ?? {})]));
};

/** A right value: the schema's first example, else its default, else one built from what it requires. */
const exampleOf = (node: SchemaNode): unknown => {
  if (node.examples?.[0] !== undefined) return node.examples[0];
  if (node.properties) return mappingExample(node);
  if (node.items) return [exampleOf(node.items)];
  return node.default ?? node.enum?.[0];
};

/** On one line, as people write YAML: { subnets: [172.16.0.0/16] }. */
export const asYaml = (value: unknown): string =>
  stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim().replaceAll("[ ", "[").replaceAll(" ]", "]");

/** A right value for the place, as one would write it: "172.16.0.0/16"; undefined where the schema knows none. */
export const exampleAt = (path: Path, root: SchemaNode = settings): string | undefined => {
  const node = schemaAt(path, root);
  return node === undefined ? undefined : asYaml(exampleOf(node));
};
