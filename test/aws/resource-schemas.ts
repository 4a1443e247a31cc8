/* CloudFormation's own schemas of the resource types: what a property may be, and what cannot be changed in place. */
import { readFileSync } from "node:fs";
import * as z from "zod";

type Schema = Readonly<Record<string, unknown>>;

/** Python's end of a text is JavaScript's $. */
const text = readFileSync(new URL("resource-schemas.json", import.meta.url), "utf8").replaceAll("\\\\Z", "$");

const file = JSON.parse(text) as {
  readonly types: Readonly<Record<string, Schema>>;
};

const schemaOf = (type: string): Schema => {
  const schema = file.types[type];
  if (!schema) throw new Error(`there is no schema of ${type}`);
  return schema;
};

/** What CloudFormation takes for a text beside it, whatever the schema's type. */
const asWritten = (value: unknown, schema: Schema, root: Schema): unknown => {
  const reference = typeof schema.$ref === "string" ? schema.$ref.split("/").at(-1) : undefined;
  if (reference !== undefined) return asWritten(value, (root.definitions as Record<string, Schema>)[reference] ?? {}, root);
  if (Array.isArray(value)) return value.map((one) => asWritten(one, (schema.items ?? {}) as Schema, root));
  if ((schema.type === "integer" || schema.type === "number") && typeof value === "string") return Number(value);
  if (schema.type === "string" && typeof value === "number") return String(value);
  if (typeof value !== "object" || value === null) return value;
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, asWritten(one, properties[name] ?? {}, root)]));
};

/** What is against the schema in a resource's resolved properties: "Port: Invalid input". */
export const propertyProblems = (type: string, properties: Readonly<Record<string, unknown>>): string[] => {
  const schema = schemaOf(type);
  const draft7 = { ...schema, type: "object", $schema: "http://json-schema.org/draft-07/schema#" };
  const judge = z.fromJSONSchema(draft7 as Parameters<typeof z.fromJSONSchema>[0]);
  const judged = judge.safeParse(asWritten(properties, schema, schema));
  return judged.success ? [] : judged.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
};

/** Top-level properties that can only be given anew with a new resource. */
export const createOnly = (type: string): string[] =>
  ((schemaOf(type).createOnlyProperties ?? []) as string[]).map((pointer) => pointer.split("/")[2] ?? "");
