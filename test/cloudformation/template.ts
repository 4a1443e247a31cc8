import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseDocument, type ScalarTag, type Tags } from "yaml";

export type Values = Readonly<Record<string, unknown>>;

interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties: Values;
}

export interface Template {
  readonly Parameters: Readonly<
    Record<string, { readonly Type: string; readonly Default?: string; readonly AllowedPattern?: string }>
  >;
  readonly Conditions: Values;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Values;
}

const SHORT = ["Sub", "GetAtt", "If", "Not", "Equals", "Select", "Split", "Join", "Base64"] as const;

const named = (name: string, value: unknown): Values => {
  if (name === "Ref") return { Ref: value };
  // "A.B" is how people write it, a list how CloudFormation takes it.
  return name === "GetAtt" && typeof value === "string" ? { "Fn::GetAtt": value.split(/\.(.*)/, 2) } : { [`Fn::${name}`]: value };
};

/** The short forms as CloudFormation reads them: !Ref X is { Ref: X }. */
const customTags = (tags: Tags): Tags => [
  ...tags,
  ...["Ref", ...SHORT].map((name): ScalarTag => ({ tag: `!${name}`, resolve: (text) => named(name, text) })),
  ...(SHORT.flatMap((name) => [
    { tag: `!${name}`, collection: "seq" as const, resolve: (seq: { toJSON(): unknown }) => named(name, seq.toJSON()) },
    { tag: `!${name}`, collection: "map" as const, resolve: (map: { toJSON(): unknown }) => named(name, map.toJSON()) },
  ]) as Tags),
];

export const readTemplate = (name: string): { readonly text: string; readonly template: Template } => {
  const text = readFileSync(fileURLToPath(new URL(`../../templates/cloudformation/${name}`, import.meta.url)), "utf8");
  const document = parseDocument(text, { customTags });
  if (document.errors.length + document.warnings.length > 0)
    throw new Error([...document.errors, ...document.warnings].join("\n"));
  return { text, template: document.toJS() as Template };
};
