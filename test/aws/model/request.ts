import { countComplaint, isTimestamp, numberComplaint, textComplaint } from "./scalar.ts";
import { below, type Member, type ServiceModel, type Shape, type Structure, shapeOf, type Value } from "./service-model.ts";

/** "Filter.1.Value.2=x" as a tree of its parts. */
interface Node {
  text?: string;
  readonly below: Map<string, Node>;
}

const grow = (form: URLSearchParams): Node => {
  const root: Node = { below: new Map() };
  for (const [key, text] of form) {
    let node = root;
    for (const part of key.split(".")) {
      const next = node.below.get(part) ?? { below: new Map() };
      node.below.set(part, next);
      node = next;
    }
    node.text = text;
  }
  return root;
};

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** Reads one request's form by the model; what is against it is added to `complaints`. */
class FormReader {
  readonly #model: ServiceModel;
  readonly #complaints: string[];

  constructor(model: ServiceModel, complaints: string[]) {
    this.#model = model;
    this.#complaints = complaints;
  }

  structure(shape: Shape, node: Node, path: string): Structure {
    const found: Record<string, Value> = {};
    const known = new Map(
      Object.entries(shape.members ?? {}).map(([name, member]) => [this.#wireName(name, member), { name, member }]),
    );
    for (const [part, child] of node.below) {
      const entry = known.get(part);
      if (entry) found[entry.name] = this.#value(entry.member, child, below(path, entry.name));
      else this.#complain(below(path, part), "is not known to the service");
    }
    for (const name of shape.required ?? []) if (!(name in found)) this.#complain(below(path, name), "is required");
    return found;
  }

  /** Source: botocore's serialize.py, QuerySerializer and EC2Serializer. */
  #wireName(name: string, { locationName, queryName }: Member): string {
    if (this.#model.metadata.protocol === "ec2") return queryName ?? capitalised(locationName ?? name);
    return locationName ?? name;
  }

  #value(member: Member, node: Node, path: string): Value {
    const shape = shapeOf(this.#model, member.shape);
    if (shape.type === "structure") return this.structure(shape, node, path);
    if (shape.type === "list") return this.#list(shape, node, path);
    if (shape.type === "map") return this.#map(shape, node, path);
    if (node.below.size > 0 || node.text === undefined) this.#complain(path, `is a ${shape.type}, and came with parts below it`);
    return this.#scalar(shape, node.text ?? "", path);
  }

  #scalar(shape: Shape, text: string, path: string): Value {
    if (shape.type === "boolean") {
      if (text !== "true" && text !== "false") this.#complain(path, `${JSON.stringify(text)} is neither true nor false`);
      return text === "true";
    }
    if (shape.type === "timestamp") {
      if (!isTimestamp(text)) this.#complain(path, `${JSON.stringify(text)} is no time`);
      return new Date(text);
    }
    if (shape.type === "blob") return Buffer.from(text, "base64");
    if (shape.type === "string") {
      this.#complain(path, textComplaint(shape, text));
      return text;
    }
    this.#complain(
      path,
      /^-?\d+(\.\d+)?$/.test(text) ? numberComplaint(shape, Number(text)) : `${JSON.stringify(text)} is no number`,
    );
    return Number(text);
  }

  /** Counted from 1 without a gap. An empty list is sent as `Name=`. */
  #numbered(node: Node, path: string): Node[] {
    if (node.text === "" && node.below.size === 0) return [];
    const nodes = [...node.below.keys()].map((_, index) => node.below.get(String(index + 1)));
    if (nodes.some((one) => one === undefined) || node.text !== undefined) this.#complain(path, "is not numbered from 1");
    return nodes.filter((one) => one !== undefined);
  }

  #list(shape: Shape, node: Node, path: string): Value {
    const { member } = shape;
    if (!member) throw new Error(`${path}: a list without members`);
    const flat = this.#model.metadata.protocol === "ec2" || shape.flattened === true;
    const entries = this.#numbered(flat ? node : this.#only(node, member.locationName ?? "member", path), path);
    this.#complain(path, countComplaint(shape, entries.length));
    return entries.map((entry, index) => this.#value(member, entry, below(path, index)));
  }

  #map(shape: Shape, node: Node, path: string): Value {
    const { key, value } = shape;
    if (!key || !value) throw new Error(`${path}: a map without keys or values`);
    const entries = this.#numbered(shape.flattened ? node : this.#only(node, "entry", path), path);
    const found: Record<string, Value> = {};
    for (const entry of entries) {
      const name = entry.below.get(key.locationName ?? "key")?.text ?? "";
      const node = entry.below.get(value.locationName ?? "value");
      if (node) found[name] = this.#value(value, node, below(path, name));
      else this.#complain(below(path, name), "has no value");
    }
    return found;
  }

  #only(node: Node, name: string, path: string): Node {
    for (const part of node.below.keys()) if (part !== name) this.#complain(below(path, part), `stands where ${name} is due`);
    return node.below.get(name) ?? { ...(node.text === undefined ? {} : { text: node.text }), below: new Map() };
  }

  #complain(path: string, complaint: string | undefined): void {
    if (complaint !== undefined) this.#complaints.push(`${path} ${complaint}`);
  }
}

export interface ReadRequest {
  readonly action: string;
  readonly params: Structure;
  readonly complaints: readonly string[];
}

/** A request's form, read by the model: its action, its members, and everything that is against the model. */
export const readRequest = (model: ServiceModel, body: string): ReadRequest => {
  const form = new URLSearchParams(body);
  const action = form.get("Action") ?? "";
  const complaints: string[] = [];
  if (form.get("Version") !== model.metadata.apiVersion) complaints.push(`Version ${form.get("Version")} is not the model's`);
  form.delete("Action");
  form.delete("Version");
  const operation = model.operations[action];
  if (!operation) return { action, params: {}, complaints: [...complaints, `the service has no action ${action}`] };
  const input: Shape = operation.input ? shapeOf(model, operation.input.shape) : { type: "structure" };
  const params = new FormReader(model, complaints).structure(input, grow(form), "");
  return { action, params, complaints };
};
