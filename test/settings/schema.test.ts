import { describe, expect, it } from "vitest";
import { asYaml, exampleAt } from "../../agent/settings/example.ts";
import { parseSettings } from "../../agent/settings/parse.ts";
import { SCHEMA_ID, type SchemaNode, settingsJsonSchema } from "../../agent/settings/schema.ts";
import { FILE } from "./problems.ts";

const schema = settingsJsonSchema();

/** Every node of the schema that people fill in, with its path. */
const nodes = (node: SchemaNode, path: (string | number)[] = []): { path: (string | number)[]; node: SchemaNode }[] => [
  { path, node },
  ...Object.entries(node.properties ?? {}).flatMap(([key, child]) => nodes(child, [...path, key])),
  ...(node.items ? nodes(node.items, [...path, 0]) : []),
];

describe("the published schema", () => {
  it("names its dialect and itself", () => {
    expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
    expect(schema.$id).toBe(SCHEMA_ID);
    expect(Object.keys(schema).slice(0, 2)).toEqual(["$schema", "$id"]);
  });

  it("requires only what has no default", () => {
    const required = nodes(schema).flatMap(({ path, node }) => (node.required ?? []).map((key) => [...path, key].join(".")));
    expect(required).toEqual([
      "connections",
      "connections.0.space",
      "connections.0.name",
      "connections.0.local",
      "connections.0.local.subnets",
      "connections.0.probe.target",
      "privatelinks.0.name",
      "privatelinks.0.region",
      "privatelinks.0.vpc",
    ]);
  });

  it("refuses unknown keys everywhere", () => {
    const mappings = nodes(schema).filter(({ node }) => node.type === "object");
    expect(mappings.length).toBeGreaterThan(8);
    for (const { node } of mappings) expect(node).toHaveProperty("additionalProperties", false);
  });

  it("describes every key", () => {
    const silent = nodes(schema).filter(({ path, node }) => typeof path.at(-1) === "string" && !node.description);
    expect(silent).toEqual([]);
  });

  it("has a right example for every place", () => {
    for (const { path } of nodes(schema)) expect(exampleAt(path), path.join(".")).toMatch(/\S/);
    expect(parseSettings(exampleAt([]) ?? "", FILE).connections).toHaveLength(1);
  });

  it("has defaults that are right when written out", () => {
    const written = nodes(schema).filter(({ path, node }) => path.length === 2 && node.default !== undefined);
    for (const { path, node } of written) {
      const text = `{ connections: ${exampleAt(["connections"])}, ${path[0]}: { ${path[1]}: ${asYaml(node.default)} } }`;
      expect(() => parseSettings(text, FILE), text).not.toThrow();
    }
    expect(written.length).toBeGreaterThan(5);
  });

  it("knows nothing of a place that is none", () => {
    expect(exampleAt(["constructor"])).toBeUndefined();
    expect(exampleAt(["log", "level", "x", 3])).toBeUndefined();
  });
});
