/*
 * A strict judge for stand-ins of AWS services, and their wire format, made from AWS's own description of each service: the
 * service-2.json files of botocore, as Debian packages them. Nothing of a request or an answer is taken on trust.
 *
 * How to build a stand-in on it (test/aws/ec2.ts is one):
 *
 *   const server = new AwsServer([{ model: await loadModel("sts", "2011-06-15"), operations: { GetCallerIdentity: () => ({ … }) } }]);
 *   await server.start();                                // server.url is what AWS_ENDPOINT_URL or a client's `endpoint` takes
 *   …                                                    // an operation throws AwsFault(code, message) to refuse
 *   expect(server.violations).toEqual([]);               // what requests or answers did against the model
 *   await server.stop();
 *
 * An operation gets the request's members under the names and types that the SDK gives them (DescribeSubnetsRequest, …), and
 * returns the answer's members in the same way. Both protocols without JSON are spoken: "ec2" and "query" (STS, ELBv2,
 * CloudFormation, RDS). What the real service does beyond its description is declared as a `Beyond`, with the reason.
 */
import { readFile } from "node:fs/promises";
import * as z from "zod";

const DATA = "/usr/lib/python3/dist-packages/botocore/data";

const memberSchema = z.object({
  shape: z.string(),
  locationName: z.string().optional(),
  queryName: z.string().optional(),
  flattened: z.boolean().optional(),
});

const shapeSchema = z.object({
  type: z.enum(["structure", "list", "map", "string", "integer", "long", "float", "double", "boolean", "timestamp", "blob"]),
  members: z.record(z.string(), memberSchema).optional(),
  required: z.array(z.string()).optional(),
  member: memberSchema.optional(),
  key: memberSchema.optional(),
  value: memberSchema.optional(),
  enum: z.array(z.string()).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  pattern: z.string().optional(),
  flattened: z.boolean().optional(),
  error: z.object({ code: z.string().optional() }).optional(),
});

const modelSchema = z.object({
  metadata: z.object({
    apiVersion: z.string(),
    endpointPrefix: z.string(),
    signingName: z.string().optional(),
    protocol: z.enum(["ec2", "query"]),
    xmlNamespace: z.string(),
  }),
  operations: z.record(
    z.string(),
    z.object({
      input: z.object({ shape: z.string() }).optional(),
      output: z.object({ shape: z.string(), resultWrapper: z.string().optional() }).optional(),
      errors: z.array(z.object({ shape: z.string() })).optional(),
    }),
  ),
  shapes: z.record(z.string(), shapeSchema),
});

export type Member = z.output<typeof memberSchema>;
export type Shape = z.output<typeof shapeSchema>;
export type ServiceModel = z.output<typeof modelSchema>;

/** What the real service is known to do although its description does not say so. Each entry belongs to a reason. */
export interface Beyond {
  /** Values that the wire carries, by the shape of the enum. */
  readonly enums?: Readonly<Record<string, readonly string[]>>;
  /** Members newer than the description, by the structure's shape. */
  readonly members?: Readonly<Record<string, Readonly<Record<string, Member>>>>;
}

const withBeyond = (model: ServiceModel, { enums = {}, members = {} }: Beyond): ServiceModel => {
  const shapes = { ...model.shapes };
  const change = (name: string, changed: (shape: Shape) => Shape): void => {
    const shape = shapes[name];
    if (!shape) throw new Error(`the model has no shape ${name}`);
    shapes[name] = changed(shape);
  };
  for (const [name, values] of Object.entries(enums)) {
    change(name, (shape) => ({ ...shape, enum: [...(shape.enum ?? []), ...values] }));
  }
  for (const [name, more] of Object.entries(members)) {
    change(name, (shape) => ({ ...shape, members: { ...shape.members, ...more } }));
  }
  return { ...model, shapes };
};

/** The description of one service: `loadModel("ec2", "2016-11-15")`. Rejects when python3-botocore is not installed. */
export const loadModel = async (service: string, version: string, beyond: Beyond = {}): Promise<ServiceModel> => {
  const text = await readFile(`${DATA}/${service}/${version}/service-2.json`, "utf8").catch((cause: unknown) => {
    throw new Error("AWS's service descriptions are missing: apt-get install python3-botocore", { cause });
  });
  return withBeyond(modelSchema.parse(JSON.parse(text)), beyond);
};

/** The shape of that name; a description that names one that it lacks is broken. */
export const shapeOf = (model: ServiceModel, name: string): Shape => {
  const shape = model.shapes[name];
  if (!shape) throw new Error(`the model has no shape ${name}`);
  return shape;
};

/** A value of a request or an answer, as the SDK has it. */
export type Value = string | number | boolean | Date | Uint8Array | readonly Value[] | Structure;
export interface Structure {
  readonly [member: string]: Value | undefined;
}

/** Where a value stands, for a complaint: "VpcEndpoints[0].State". */
export const below = (path: string, name: string | number): string =>
  typeof name === "number" ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`;
