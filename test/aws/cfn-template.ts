/* Reads a CloudFormation template as CloudFormation does: intrinsic functions, parameters, and what depends on what. */
import { type CollectionTag, parse, type ScalarTag, YAMLMap, YAMLSeq } from "yaml";
import * as z from "zod";

const parameterSchema = z.strictObject({
  Type: z.string(),
  Default: z.union([z.string(), z.number()]).optional(),
  Description: z.string().max(4000).optional(),
  AllowedPattern: z.string().optional(),
  AllowedValues: z.array(z.union([z.string(), z.number()])).optional(),
  ConstraintDescription: z.string().optional(),
  MinValue: z.number().optional(),
  MaxValue: z.number().optional(),
});

const templateSchema = z.strictObject({
  AWSTemplateFormatVersion: z.literal("2010-09-09"),
  Description: z.string().max(1024).default(""),
  Metadata: z.record(z.string(), z.unknown()).optional(),
  Parameters: z.record(z.string().regex(/^[A-Za-z0-9]{1,255}$/), parameterSchema).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(
    z.string().regex(/^[A-Za-z0-9]{1,255}$/),
    z.strictObject({
      Type: z.string(),
      DependsOn: z.string().optional(),
      Properties: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
  Outputs: z.record(z.string(), z.strictObject({ Description: z.string().optional(), Value: z.unknown() })).default({}),
});

export type Template = z.output<typeof templateSchema>;

const FUNCTIONS = ["Sub", "If", "Equals", "Select", "Split", "Join", "GetAtt"] as const;

const wrapped = (name: string, value: unknown): object => ({ [name === "Ref" ? "Ref" : `Fn::${name}`]: value });

const scalarTag = (name: string): ScalarTag => ({
  tag: `!${name}`,
  resolve: (text: string) => wrapped(name, name === "GetAtt" ? text.split(".") : text),
});

const listTag = (name: string): CollectionTag => ({
  tag: `!${name}`,
  collection: "seq",
  resolve: (list) => {
    if (!(list instanceof YAMLSeq)) throw new Error(`!${name} takes a list`);
    const map = new YAMLMap();
    map.set(`Fn::${name}`, list);
    return map;
  },
});

/** Throws what is wrong with the text; aliases are among it, which CloudFormation does not take. */
export const parseTemplate = (text: string): Template => {
  const customTags = [...["Ref", ...FUNCTIONS].map(scalarTag), ...FUNCTIONS.map(listTag)];
  return templateSchema.parse(parse(text, { customTags, maxAliasCount: 0 }));
};

/** What is wrong with the parameters' values; empty when nothing is. Source: CloudFormation's ValidationError messages. */
export const parameterProblems = ({ Parameters }: Template, given: Readonly<Record<string, string>>): string[] => {
  const unknown = Object.keys(given).filter((name) => !(name in Parameters));
  const missing = Object.entries(Parameters).filter(([name, { Default }]) => Default === undefined && !(name in given));
  const wrong = Object.entries(Parameters).flatMap(([name, { AllowedPattern, AllowedValues, MinValue, MaxValue }]) => {
    const value = given[name];
    if (value === undefined) return [];
    if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(value))
      return [`Parameter ${name} failed to satisfy constraint`];
    if (AllowedValues && !AllowedValues.map(String).includes(value)) return [`Parameter ${name} must be one of AllowedValues`];
    if ((MinValue ?? 0) > Number(value) || Number(value) > (MaxValue ?? Number.POSITIVE_INFINITY))
      return [`Parameter ${name} is out of range`];
    return [];
  });
  return [
    ...(unknown.length > 0 ? [`Parameters: [${unknown.join(", ")}] do not exist in the template`] : []),
    ...(missing.length > 0 ? [`Parameters: [${missing.map(([name]) => name).join(", ")}] must have values`] : []),
    ...wrong,
  ];
};

export interface ResolvedResource {
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Logical ids that must be there before. */
  readonly after: readonly string[];
}

export interface Resolved {
  readonly resources: ReadonlyMap<string, ResolvedResource>;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface Surroundings {
  readonly parameters: Readonly<Record<string, string>>;
  readonly pseudo: Readonly<Record<string, string>>;
  /** What Ref gives for a resource. */
  readonly refOf: (logicalId: string, type: string) => string;
  /** What GetAtt gives. */
  readonly attributeOf: (logicalId: string, type: string, attribute: string) => string;
}

const isList = (type: string): boolean => type.startsWith("List<") || type === "CommaDelimitedList";

class Resolver {
  readonly #template: Template;
  readonly #around: Surroundings;
  readonly #used = new Set<string>();

  constructor(template: Template, around: Surroundings) {
    this.#template = template;
    this.#around = around;
  }

  /** The value, and the resources that it names. */
  resolve(value: unknown): { readonly value: unknown; readonly used: readonly string[] } {
    this.#used.clear();
    return { value: this.#any(value), used: [...this.#used] };
  }

  #any(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((one) => this.#any(one));
    if (typeof value !== "object" || value === null) return value;
    const [[name = "", argument] = [], ...more] = Object.entries(value);
    if (more.length === 0 && (name === "Ref" || name.startsWith("Fn::"))) return this.#call(name, argument);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.#any(one)]));
  }

  #call(name: string, argument: unknown): unknown {
    if (name === "Ref") return this.#ref(String(argument));
    if (name === "Fn::Sub") return String(argument).replaceAll(/\$\{([^}]+)\}/g, (_, id: string) => this.#substituted(id));
    const list = (argument as unknown[]).map((one) => (name === "Fn::If" ? one : this.#any(one)));
    if (name === "Fn::GetAtt") return this.#attribute(String(list[0]), String(list[1]));
    if (name === "Fn::Equals") return list[0] === list[1];
    if (name === "Fn::If") return this.#any(this.#any(this.#template.Conditions[String(list[0])]) === true ? list[1] : list[2]);
    if (name === "Fn::Select") return (list[1] as unknown[])[Number(list[0])];
    if (name === "Fn::Split") return String(list[1]).split(String(list[0]));
    if (name === "Fn::Join") return (list[1] as unknown[]).join(String(list[0]));
    throw new Error(`nothing stands in for ${name}`);
  }

  #substituted(id: string): string {
    const [logicalId = "", attribute] = id.split(".");
    return attribute === undefined ? String(this.#ref(id)) : this.#attribute(logicalId, attribute);
  }

  #ref(id: string): unknown {
    const { parameters, pseudo, refOf } = this.#around;
    if (id in pseudo) return pseudo[id];
    const parameter = this.#template.Parameters[id];
    if (parameter) {
      const value = parameters[id] ?? String(parameter.Default);
      return isList(parameter.Type) ? value.split(",") : value;
    }
    return refOf(id, this.#typeOf(id));
  }

  #attribute(id: string, attribute: string): string {
    return this.#around.attributeOf(id, this.#typeOf(id), attribute);
  }

  #typeOf(id: string): string {
    const resource = this.#template.Resources[id];
    if (!resource) throw new Error(`Template format error: Unresolved resource dependencies [${id}]`);
    this.#used.add(id);
    return resource.Type;
  }
}

/** Everything in the template with its values in place. Throws for a name that nothing has. */
export const resolveTemplate = (template: Template, around: Surroundings): Resolved => {
  const resolver = new Resolver(template, around);
  const resources = new Map(
    Object.entries(template.Resources).map(([id, { Type, DependsOn, Properties }]) => {
      const { value, used } = resolver.resolve(Properties);
      const after = [...new Set([...used, ...(DependsOn === undefined ? [] : [DependsOn])])];
      return [id, { type: Type, properties: value as Record<string, unknown>, after }] as const;
    }),
  );
  const outputs = Object.entries(template.Outputs).map(([name, { Value }]) => [name, String(resolver.resolve(Value).value)]);
  return { resources, outputs: Object.fromEntries(outputs) };
};
