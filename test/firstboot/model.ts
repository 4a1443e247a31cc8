import { readFileSync } from "node:fs";

/** As Debian's python3-botocore has it: what AWS itself says about its services, written by nobody here. */
interface Shape {
  readonly type: string;
  readonly required?: readonly string[];
  readonly members?: Readonly<
    Record<string, { readonly shape: string; readonly locationName?: string; readonly queryName?: string }>
  >;
  readonly member?: { readonly shape: string };
  readonly enum?: readonly string[];
}

export interface Model {
  readonly operations: Readonly<
    Record<string, { readonly input?: { readonly shape: string }; readonly output?: { readonly shape: string } }>
  >;
  readonly shapes: Readonly<Record<string, Shape>>;
}

const DATA = "/usr/lib/python3/dist-packages/botocore/data";
const VERSIONS = { ssm: "2014-11-06", secretsmanager: "2017-10-17", ec2: "2016-11-15" } as const;

export const readModel = (service: keyof typeof VERSIONS): Model =>
  JSON.parse(readFileSync(`${DATA}/${service}/${VERSIONS[service]}/service-2.json`, "utf8")) as Model;

const shapeOf = ({ shapes }: Model, name: string): Shape => {
  const shape = shapes[name];
  if (!shape) throw new Error(`AWS knows no shape ${name}`);
  return shape;
};

const FITS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  integer: (value) => Number.isInteger(value),
  long: (value) => Number.isInteger(value),
  timestamp: (value) => typeof value === "number",
};

const assertStructure = (model: Model, { members = {}, required = [] }: Shape, name: string, value: unknown): void => {
  if (typeof value !== "object" || value === null) throw new Error(`${name} must be a structure`);
  const missing = required.filter((member) => !(member in value));
  if (missing.length > 0) throw new Error(`${name} lacks ${missing.join(", ")}`);
  for (const [member, held] of Object.entries(value)) {
    const known = members[member];
    if (!known) throw new Error(`${name} has no ${member}`);
    assertShape(model, known.shape, held);
  }
};

/** Fails unless the value is what AWS's own description of the shape allows. */
export const assertShape = (model: Model, name: string, value: unknown): void => {
  const shape = shapeOf(model, name);
  if (shape.type === "structure") {
    assertStructure(model, shape, name, value);
    return;
  }
  if (shape.type === "list" && Array.isArray(value)) {
    for (const one of value) assertShape(model, shape.member?.shape ?? "", one);
    return;
  }
  if (!FITS[shape.type]?.(value)) throw new Error(`${name} must be of type ${shape.type}, it is ${JSON.stringify(value)}`);
  if (shape.enum && !shape.enum.includes(String(value))) throw new Error(`${name} cannot be ${String(value)}`);
};

/** A structure as EC2 writes it: every name is the model's. */
export const toXml = (model: Model, name: string, value: object): string =>
  Object.entries(value)
    .map(([member, held]) => {
      const known = shapeOf(model, name).members?.[member];
      if (!known) throw new Error(`${name} has no ${member}`);
      const tag = known.locationName ?? member;
      const inner = typeof held === "object" && held !== null ? toXml(model, known.shape, held) : String(held);
      return `<${tag}>${inner}</${tag}>`;
    })
    .join("");

const asScalar = (type: string, text: string): unknown => (type === "boolean" ? text === "true" : text);

/** The parameters of a request of EC2's query protocol ("SourceDestCheck.Value" → "false") as a structure. */
export const fromQuery = (model: Model, name: string, parameters: ReadonlyMap<string, string>): Record<string, unknown> => {
  const { members = {} } = shapeOf(model, name);
  const known = new Map(
    Object.entries(members).map(([member, one]) => [one.queryName ?? capital(one.locationName ?? member), { member, ...one }]),
  );
  const result: Record<string, unknown> = {};
  for (const [key, group] of Map.groupBy(parameters, ([path]) => path.split(".")[0] ?? "")) {
    const one = known.get(key);
    if (!one) throw new Error(`${name} has no ${key}`);
    const { type } = shapeOf(model, one.shape);
    const inner = new Map(group.map(([path, text]) => [path.split(".").slice(1).join("."), text]));
    result[one.member] = type === "structure" ? fromQuery(model, one.shape, inner) : asScalar(type, inner.get("") ?? "");
  }
  return result;
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
