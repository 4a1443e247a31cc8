import type { Template, Values } from "./template.ts";

const NOTHING = Symbol("AWS::NoValue");

export const PSEUDO = {
  "AWS::Partition": "aws",
  "AWS::Region": "eu-west-1",
  "AWS::AccountId": "123456789012",
  "AWS::URLSuffix": "amazonaws.com",
} as const;

const isObject = (value: unknown): value is Values => typeof value === "object" && value !== null && !Array.isArray(value);

/** What CloudFormation makes of a template for given parameters; what a resource is told by, stands as "Ref:NAME" or "NAME.Attribute". */
export class Evaluation {
  readonly #template: Template;
  readonly #values: Readonly<Record<string, string>>;
  /** Every attribute of a resource that was asked for: "Interface.PrimaryPrivateIpAddress". */
  readonly attributes = new Set<string>();

  constructor(template: Template, parameters: Readonly<Record<string, string>>) {
    this.#template = template;
    const defaults = Object.entries(template.Parameters).map(([name, { Default }]) => [name, parameters[name] ?? Default]);
    const missing = defaults.filter(([, value]) => value === undefined).map(([name]) => name);
    if (missing.length > 0) throw new Error(`parameters without a value: ${missing.join(", ")}`);
    this.#values = { ...Object.fromEntries(defaults), ...PSEUDO };
  }

  /** The resources that are made, by their names. */
  resources(): Record<string, { readonly Type: string; readonly Properties: Values }> {
    const made = Object.entries(this.#template.Resources).filter(
      ([, { Condition }]) => Condition === undefined || this.#holds(Condition),
    );
    return Object.fromEntries(
      made.map(([name, { Type, Properties }]) => [name, { Type, Properties: this.value(Properties) as Values }]),
    );
  }

  value(node: unknown): unknown {
    if (Array.isArray(node)) return node.map((one) => this.value(one)).filter((one) => one !== NOTHING);
    if (!isObject(node)) return node;
    const [[name, argument] = ["", undefined], ...more] = Object.entries(node);
    if (more.length === 0 && (name === "Ref" || name.startsWith("Fn::"))) return this.#call(name, argument);
    return Object.fromEntries(
      Object.entries(node)
        .map(([key, one]) => [key, this.value(one)] as const)
        .filter(([, one]) => one !== NOTHING),
    );
  }

  #call(name: string, argument: unknown): unknown {
    if (name === "Ref") return this.#ref(String(argument));
    if (name === "Fn::Sub") return this.#sub(argument);
    if (name === "Fn::GetAtt") return this.#attribute((argument as string[]).join("."));
    const list = Array.isArray(argument) ? argument : [argument];
    if (name === "Fn::If") return this.value(list[this.#holds(String(list[0])) ? 1 : 2]);
    const [first, second] = list.map((one) => this.value(one));
    if (name === "Fn::Equals") return first === second;
    if (name === "Fn::Not") return first !== true;
    if (name === "Fn::Split") return String(second).split(String(first));
    if (name === "Fn::Select" && Array.isArray(second) && Number(first) < second.length) return second[Number(first)];
    if (name === "Fn::Base64") return Buffer.from(String(first)).toString("base64");
    throw new Error(`${name} ${JSON.stringify(argument)} cannot be told`);
  }

  #ref(name: string): unknown {
    if (name === "AWS::NoValue") return NOTHING;
    if (this.#values[name] !== undefined) return this.#values[name];
    if (this.#template.Resources[name]) return `Ref:${name}`;
    throw new Error(`nothing is called ${name}`);
  }

  #attribute(path: string): string {
    if (!this.#template.Resources[path.split(".")[0] ?? ""]) throw new Error(`nothing is called ${path}`);
    this.attributes.add(path);
    return path;
  }

  #sub(argument: unknown): string {
    const [text, own] = Array.isArray(argument) ? argument : [argument, {}];
    return String(text).replaceAll(/\$\{([^!}][^}]*)\}/g, (_, name: string) => {
      if (isObject(own) && name in own) return String(this.value(own[name]));
      return String(name.includes(".") ? this.#attribute(name) : this.#ref(name));
    });
  }

  #holds(condition: string): boolean {
    const node = this.#template.Conditions[condition];
    if (node === undefined) throw new Error(`there is no condition ${condition}`);
    return this.value(node) === true;
  }
}
