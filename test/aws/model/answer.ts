import { countComplaint, numberComplaint, textComplaint } from "./scalar.ts";
import { below, type Member, type ServiceModel, type Shape, type Structure, shapeOf, type Value } from "./service-model.ts";

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;" };

export const escapeXml = (text: string): string => text.replaceAll(/[&<>"\r]/g, (character) => ENTITIES[character] ?? character);

const element = (name: string, content: string): string => `<${name}>${content}</${name}>`;

const isStructure = (value: Value): value is Structure =>
  typeof value === "object" && !Array.isArray(value) && !(value instanceof Date) && !(value instanceof Uint8Array);

/** Writes one answer's XML by the model; what is against it is added to `complaints`. Source: botocore's parsers.py. */
class XmlWriter {
  readonly #model: ServiceModel;
  readonly #complaints: string[];

  constructor(model: ServiceModel, complaints: string[]) {
    this.#model = model;
    this.#complaints = complaints;
  }

  members(shape: Shape, value: Structure, path: string): string {
    const parts: string[] = [];
    for (const [name, one] of Object.entries(value)) {
      const member = shape.members?.[name];
      if (one === undefined) continue;
      if (member) parts.push(this.#named(member.locationName ?? name, member, one, below(path, name)));
      else this.#complain(below(path, name), "is not known to the service's answers");
    }
    for (const name of shape.required ?? []) if (value[name] === undefined) this.#complain(below(path, name), "is required");
    return parts.join("");
  }

  #named(name: string, { shape: shapeName }: Member, value: Value, path: string): string {
    const shape = shapeOf(this.#model, shapeName);
    if (shape.type === "list" && shape.flattened) return this.#entries(shape, name, value, path);
    return element(name, this.#content(shape, value, path));
  }

  #content(shape: Shape, value: Value, path: string): string {
    if (shape.type === "list") return this.#entries(shape, shape.member?.locationName ?? "member", value, path);
    if (shape.type === "structure" && isStructure(value)) return this.members(shape, value, path);
    if (shape.type === "map" && isStructure(value)) return this.#map(shape, value, path);
    return escapeXml(this.#scalar(shape, value, path));
  }

  #entries(shape: Shape, name: string, value: Value, path: string): string {
    const { member } = shape;
    if (!member || !Array.isArray(value)) {
      this.#complain(path, "is a list");
      return "";
    }
    this.#complain(path, countComplaint(shape, value.length));
    return value.map((one: Value, index) => this.#named(name, member, one, below(path, index))).join("");
  }

  #map(shape: Shape, value: Structure, path: string): string {
    const { key, value: valueMember } = shape;
    if (!key || !valueMember) throw new Error(`${path}: a map without keys or values`);
    const entry = ([name, one]: [string, Value | undefined]): string =>
      one === undefined
        ? ""
        : element(
            "entry",
            `${element(key.locationName ?? "key", escapeXml(name))}${this.#named(valueMember.locationName ?? "value", valueMember, one, below(path, name))}`,
          );
    return Object.entries(value).map(entry).join("");
  }

  #scalar(shape: Shape, value: Value, path: string): string {
    if (shape.type === "string" && typeof value === "string") {
      this.#complain(path, textComplaint(shape, value));
      return value;
    }
    if (shape.type === "boolean" && typeof value === "boolean") return String(value);
    if (shape.type === "timestamp" && value instanceof Date) return value.toISOString();
    if (shape.type === "blob" && value instanceof Uint8Array) return Buffer.from(value).toString("base64");
    if (typeof value === "number" && ["integer", "long", "float", "double"].includes(shape.type)) {
      this.#complain(path, numberComplaint(shape, value));
      return String(value);
    }
    this.#complain(path, `is a ${shape.type}, not a ${typeof value}`);
    return "";
  }

  #complain(path: string, complaint: string | undefined): void {
    if (complaint !== undefined) this.#complaints.push(`${path} ${complaint}`);
  }
}

export interface WrittenAnswer {
  readonly xml: string;
  readonly complaints: readonly string[];
}

/** An operation's answer as the service writes it, and everything in it that is against the model. */
export const writeAnswer = (model: ServiceModel, action: string, value: Structure, requestId: string): WrittenAnswer => {
  const { protocol, xmlNamespace } = model.metadata;
  const output = model.operations[action]?.output;
  const complaints: string[] = [];
  const shape: Shape = output ? shapeOf(model, output.shape) : { type: "structure" };
  const content = new XmlWriter(model, complaints).members(shape, value, "");
  const wrapper = output?.resultWrapper;
  const body =
    protocol === "ec2"
      ? `${element("requestId", requestId)}${content}`
      : `${wrapper ? element(wrapper, content) : content}${element("ResponseMetadata", element("RequestId", requestId))}`;
  return {
    xml: `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="${xmlNamespace}">${body}</${action}Response>`,
    complaints,
  };
};

/** Codes that the operation may be refused with by its description; empty where the description names none, as EC2's. */
const declaredCodes = (model: ServiceModel, action: string): string[] =>
  (model.operations[action]?.errors ?? []).map(({ shape }) => shapeOf(model, shape).error?.code ?? shape);

/** Source: AWS's "Common error codes"; every service of the query protocols may answer with these. */
const COMMON_CODES = [
  "AccessDenied",
  "AccessDeniedException",
  "ExpiredToken",
  "ExpiredTokenException",
  "InternalFailure",
  "InvalidAction",
];
const MORE_COMMON_CODES = [
  "InvalidClientTokenId",
  "SignatureDoesNotMatch",
  "ServiceUnavailable",
  "Throttling",
  "ValidationError",
];

/** A refusal as the service writes it. */
export const writeFault = (
  model: ServiceModel,
  action: string,
  { code, message, status }: { readonly code: string; readonly message: string; readonly status: number },
  requestId: string,
): WrittenAnswer => {
  const error = `${element("Code", code)}${element("Message", escapeXml(message))}`;
  if (model.metadata.protocol === "ec2") {
    const xml = element("Response", `${element("Errors", element("Error", error))}${element("RequestID", requestId)}`);
    return { xml: `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`, complaints: [] };
  }
  const allowed = [...declaredCodes(model, action), ...COMMON_CODES, ...MORE_COMMON_CODES];
  const content = `${element("Error", `${element("Type", status < 500 ? "Sender" : "Receiver")}${error}`)}${element("RequestId", requestId)}`;
  return {
    xml: `<ErrorResponse xmlns="${model.metadata.xmlNamespace}">${content}</ErrorResponse>`,
    complaints: allowed.includes(code) ? [] : [`${code} is no refusal that ${action} knows`],
  };
};
