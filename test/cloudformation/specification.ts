import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

interface Property {
  readonly Required?: boolean;
  readonly Type?: string;
  readonly PrimitiveType?: string;
  readonly ItemType?: string;
  readonly PrimitiveItemType?: string;
}

interface Kind {
  readonly Properties?: Readonly<Record<string, Property>>;
  readonly Attributes?: Readonly<Record<string, unknown>>;
}

interface Specification {
  readonly ResourceTypes: Readonly<Record<string, Kind>>;
  readonly PropertyTypes: Readonly<Record<string, Kind>>;
}

const require = createRequire(import.meta.url);

/** AWS's own specification of CloudFormation's resources, of 2019: it comes with npm's cfn-lint, whose program Node 24 does not run. */
const { ResourceTypes, PropertyTypes } = JSON.parse(
  readFileSync(require.resolve("cfn-lint/data/aws_resources_specification.json"), "utf8"),
) as Specification;

/** Younger than that; AWS's API takes the same structure, whose model is younger, and is asked for these. */
export const YOUNGER: ReadonlySet<string> = new Set(["AWS::EC2::LaunchTemplate.LaunchTemplateData"]);

const FITS: Readonly<Record<string, (value: unknown) => boolean>> = {
  String: (value) => typeof value === "string",
  Integer: (value) => Number.isInteger(value),
  Double: (value) => typeof value === "number",
  Boolean: (value) => typeof value === "boolean",
  Json: (value) => typeof value === "object",
};

const nested = (resource: string, type: string): string => (type === "Tag" ? "Tag" : `${resource}.${type}`);

const structure = (resource: string, kind: string, value: unknown, path: string): string[] => {
  if (YOUNGER.has(kind)) return [];
  const known = (PropertyTypes[kind] ?? ResourceTypes[kind])?.Properties;
  if (!known || typeof value !== "object" || value === null) return [`${path} should be a ${kind}`];
  const unknown = Object.keys(value).filter((name) => !(name in known));
  const missing = Object.entries(known).filter(([name, { Required }]) => Required && !(name in value));
  return [
    ...unknown.map((name) => `${path}.${name} is not known`),
    ...missing.map(([name]) => `${path}.${name} is required`),
    ...Object.entries(value).flatMap(([name, one]) => {
      const declared = known[name];
      return declared ? property(resource, declared, one, `${path}.${name}`) : [];
    }),
  ];
};

const property = (resource: string, declared: Property, value: unknown, path: string): string[] => {
  const { Type, PrimitiveType, ItemType, PrimitiveItemType } = declared;
  if (PrimitiveType)
    return FITS[PrimitiveType]?.(value) ? [] : [`${path} should be ${PrimitiveType}, it is ${JSON.stringify(value)}`];
  if (Type === "Map" && typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([key, one]) =>
      property(resource, { PrimitiveType: PrimitiveItemType ?? "Json" }, one, `${path}.${key}`),
    );
  if (Type !== "List") return structure(resource, nested(resource, Type ?? ""), value, path);
  if (!Array.isArray(value)) return [`${path} should be a list`];
  const item: Property = PrimitiveItemType ? { PrimitiveType: PrimitiveItemType } : { Type: ItemType ?? "" };
  return value.flatMap((one, index) => property(resource, item, one, `${path}[${index}]`));
};

/** What AWS does not know, lacks or takes otherwise in a resource. */
export const complaints = (
  name: string,
  { Type, Properties }: { readonly Type: string; readonly Properties: object },
): string[] => structure(Type, Type, Properties, name);

/** Whether a resource of that type has the attribute. */
export const hasAttribute = (type: string, attribute: string): boolean => attribute in (ResourceTypes[type]?.Attributes ?? {});
