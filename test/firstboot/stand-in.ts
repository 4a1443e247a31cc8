import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { assertShape, fromQuery, type Model, readModel, toXml } from "./model.ts";

export const REGION = "eu-west-1";
const ACCOUNT = "123456789012";
const KEYS = { AccessKeyId: "ASIASTANDIN", SecretAccessKey: "stand-in-secret-key", Token: "stand-in-session" };

/** What AWS is like now; a test changes it at any time. */
export interface World {
  readonly parameters: Record<string, { readonly value: string; readonly type?: "String" | "SecureString" }>;
  /** By name or ARN. */
  readonly secrets: Record<string, string>;
  /** The source/destination check by interface, in the order of the metadata service. */
  readonly checked: Record<string, boolean>;
  /** "ssm:GetParameter" */
  readonly denied: Set<string>;
  /** The role may read, but not decrypt. */
  kmsDenied: boolean;
  /** So many questions for credentials are in vain. */
  profileAfter: number;
  /** So many calls end with 503. */
  busy: number;
  /** EC2 takes the change and does nothing. */
  stubborn: boolean;
  imds: boolean;
  /** "ssm:GetParameter /gw/token", "ec2:ModifyNetworkInterfaceAttribute eni-1" */
  readonly calls: string[];
}

interface Call {
  readonly action: string;
  readonly resource: string;
  readonly region: string;
}

class Refusal extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const deniedWords = ({ action, resource }: Call): string =>
  `User: arn:aws:sts::${ACCOUNT}:assumed-role/gateway/i-0abc is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;

const KMS_WORDS = {
  ssm: "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.",
  secretsmanager: "Access to KMS is not allowed",
} as const;

/** What every service does before it looks at anything. */
const admit = (world: World, call: Call, deniedCode: string): void => {
  world.calls.push(`${call.action} ${call.resource}`);
  if (world.busy > 0) {
    world.busy -= 1;
    throw new Refusal("ServiceUnavailable", "come again", 503);
  }
  if (world.denied.has(call.action))
    throw new Refusal(deniedCode, deniedWords(call), deniedCode === "UnauthorizedOperation" ? 403 : 400);
};

const parameter = (world: World, input: Record<string, unknown>, region: string): object => {
  const name = String(input.Name);
  admit(world, { action: "ssm:GetParameter", resource: name, region }, "AccessDeniedException");
  const found = region === REGION ? world.parameters[name] : undefined;
  if (!found) throw new Refusal("ParameterNotFound", "");
  const { value, type = "SecureString" } = found;
  if (type === "SecureString" && world.kmsDenied) throw new Refusal("AccessDeniedException", KMS_WORDS.ssm);
  const shown = type === "String" || input.WithDecryption === true ? value : "AQICAHh-encrypted";
  return { Parameter: { Name: name, Type: type, Value: shown, Version: 1, DataType: "text" } };
};

const secret = (world: World, input: Record<string, unknown>, region: string): object => {
  const id = String(input.SecretId);
  admit(world, { action: "secretsmanager:GetSecretValue", resource: id, region }, "AccessDeniedException");
  const value = region === REGION ? world.secrets[id] : undefined;
  if (value === undefined) throw new Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  if (world.kmsDenied) throw new Refusal("AccessDeniedException", KMS_WORDS.secretsmanager);
  return { Name: id, SecretString: value, VersionStages: ["AWSCURRENT"] };
};

const JSON_SERVICES = {
  "AmazonSSM.GetParameter": { service: "ssm", answer: parameter },
  "secretsmanager.GetSecretValue": { service: "secretsmanager", answer: secret },
} as const;

const EC2: Readonly<Record<string, (world: World, id: string) => object | undefined>> = {
  DescribeNetworkInterfaceAttribute: (world, id) => ({ NetworkInterfaceId: id, SourceDestCheck: { Value: world.checked[id] } }),
  ModifyNetworkInterfaceAttribute: (world, id) => {
    if (!world.stubborn) world.checked[id] = false;
    return undefined;
  },
};

/** Who signed for which region: the real client's signature says so. */
const signedRegion = ({ headers }: IncomingMessage): string => {
  const scope = /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(headers.authorization ?? "");
  if (scope?.[1] !== KEYS.AccessKeyId)
    throw new Refusal("UnrecognizedClientException", "The security token included in the request is invalid.");
  return scope[2] ?? "";
};

const operation = (model: Model, name: string) => {
  const { input, output } = model.operations[name] ?? {};
  if (!input) throw new Error(`AWS knows no operation ${name}`);
  return { input: input.shape, output: output?.shape };
};

const models = new Map<string, Model>();

const modelOf = (service: Parameters<typeof readModel>[0]): Model => {
  const model = models.get(service) ?? readModel(service);
  models.set(service, model);
  return model;
};

const answerJson = (world: World, target: string, body: string, request: IncomingMessage): object => {
  const { service, answer } = JSON_SERVICES[target as keyof typeof JSON_SERVICES] ?? {};
  if (!service) throw new Error(`${target} is not stood in for`);
  const model = modelOf(service);
  const { input, output } = operation(model, target.split(".")[1] ?? "");
  const asked = JSON.parse(body) as Record<string, unknown>;
  assertShape(model, input, asked);
  const told = answer(world, asked, signedRegion(request));
  assertShape(model, output ?? "", told);
  return told;
};

const answerEc2 = (world: World, body: string, request: IncomingMessage): string => {
  const { Action: action = "", Version: _version, ...parameters } = Object.fromEntries(new URLSearchParams(body));
  const model = modelOf("ec2");
  const { input, output } = operation(model, action);
  const asked = fromQuery(model, input, new Map(Object.entries(parameters)));
  assertShape(model, input, asked);
  const id = String(asked.NetworkInterfaceId);
  const region = signedRegion(request);
  const resource = `arn:aws:ec2:${region}:${ACCOUNT}:network-interface/${id}`;
  admit(world, { action: `ec2:${action}`, resource, region }, "UnauthorizedOperation");
  if (world.checked[id] === undefined)
    throw new Refusal("InvalidNetworkInterfaceID.NotFound", `The networkInterface ID '${id}' does not exist`);
  const told = EC2[action]?.(world, id);
  if (told && output) assertShape(model, output, told);
  const inner = told && output ? toXml(model, output, told) : "<return>true</return>";
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r-1</requestId>${inner}</${action}Response>`;
};

const mac = (index: number): string => `02:00:00:00:00:0${index}`;

const metadata = (world: World, path: string): string | undefined => {
  const ids = Object.keys(world.checked);
  if (path === "placement/region") return REGION;
  if (path === "network/interfaces/macs/") return ids.map((_, index) => `${mac(index)}/`).join("\n");
  const own = ids.find((_, index) => path === `network/interfaces/macs/${mac(index)}/interface-id`);
  if (own) return own;
  if (!path.startsWith("iam/security-credentials/")) return undefined;
  if (world.profileAfter > 0) {
    world.profileAfter -= 1;
    return undefined;
  }
  if (path === "iam/security-credentials/") return "gateway";
  return JSON.stringify({
    Code: "Success",
    Type: "AWS-HMAC",
    ...KEYS,
    LastUpdated: new Date().toISOString(),
    Expiration: new Date(Date.now() + 3_600_000).toISOString(),
  });
};

const SESSION = "a-session";

const answerImds = (world: World, request: IncomingMessage, response: ServerResponse): void => {
  const path = request.url ?? "";
  if (!world.imds) return void response.writeHead(403).end();
  if (path === "/latest/api/token" && request.method === "PUT") return void response.end(SESSION);
  if (request.headers["x-aws-ec2-metadata-token"] !== SESSION) return void response.writeHead(401).end();
  const text = metadata(world, path.replace("/latest/meta-data/", ""));
  response.writeHead(text === undefined ? 404 : 200).end(text);
};

const refuse = (thrown: unknown, target: string | undefined, response: ServerResponse): void => {
  // What is wrong with the question, or with the stand-in itself, is nothing that a client may get used to.
  const { code, message, status } = thrown instanceof Refusal ? thrown : new Refusal("ValidationError", String(thrown));
  if (target !== undefined)
    return void response
      .writeHead(status, { "content-type": "application/x-amz-json-1.1" })
      .end(JSON.stringify({ __type: code, message }));
  response
    .writeHead(status, { "content-type": "text/xml" })
    .end(
      `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>r-1</RequestID></Response>`,
    );
};

const answer = async (world: World, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (request.url?.startsWith("/latest/")) return answerImds(world, request, response);
  const body = await textOf(request);
  const target = request.headers["x-amz-target"]?.toString();
  try {
    const told =
      target === undefined ? answerEc2(world, body, request) : JSON.stringify(answerJson(world, target, body, request));
    response.writeHead(200, { "content-type": target === undefined ? "text/xml" : "application/x-amz-json-1.1" }).end(told);
  } catch (thrown) {
    refuse(thrown, target, response);
  }
};

/** Systems Manager, Secrets Manager, EC2 and its metadata service over HTTP; what comes and goes is held against AWS's own models. */
export const standIn = async (changes: Partial<World> = {}) => {
  const world: World = {
    ...{ parameters: {}, secrets: {}, checked: { "eni-0aaaaaaaaaaaaaaaa": false }, denied: new Set() },
    ...{ kmsDenied: false, profileAfter: 0, busy: 0, stubborn: false, imds: true, calls: [] },
    ...changes,
  };
  const server = createServer((request, response) => void answer(world, request, response));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { AWS_ENDPOINT_URL: url, AWS_EC2_METADATA_SERVICE_ENDPOINT: url };
  return { world, url, env };
};
