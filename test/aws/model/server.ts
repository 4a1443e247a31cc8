import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { writeAnswer, writeFault } from "./answer.ts";
import { readRequest } from "./request.ts";
import type { ServiceModel, Structure } from "./service-model.ts";

/** A refusal by the service. `status`: 400 for what the caller did, 503 for being limited, 500 for the service itself. */
export class AwsFault extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Who asks, as the signature names it. */
export interface Caller {
  readonly accessKeyId: string;
  readonly region: string;
}

export interface Call {
  readonly service: string;
  readonly action: string;
  readonly params: Structure;
  readonly caller: Caller;
}

/**
 * Carries out one operation. Parameters are checked against the model before it is called, so a stand-in may give it the SDK's
 * own request type: see `operation`.
 */
export type Operation = (params: Structure, caller: Caller) => object | Promise<object>;

export interface Service {
  readonly model: ServiceModel;
  readonly operations: Readonly<Record<string, Operation>>;
  /** Called before every operation; throws AwsFault to refuse: permissions, throttling. */
  readonly before?: (call: Call) => void;
  /** Called when an operation is done, before its answer is sent: here a caller may be killed. */
  readonly after?: (call: Call) => void;
}

/** An operation under the SDK's own types of its request and answer, which the checks against the model make true. */
export const operation =
  <Request extends object, Answer extends object>(
    act: (request: Request, caller: Caller) => Answer | Promise<Answer>,
  ): Operation =>
  (params, caller) =>
    act(params as unknown as Request, caller);

const SCOPE = /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/;

/** One HTTP server for any number of services: a request's signature says which one it is for, as with AWS_ENDPOINT_URL. */
export class AwsServer {
  readonly calls: Call[] = [];
  /** What went against the models. A test that is not about that expects it to be empty. */
  readonly violations: string[] = [];
  readonly #services: ReadonlyMap<string, Service>;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor(services: readonly Service[]) {
    this.#services = new Map(services.map((one) => [one.model.metadata.signingName ?? one.model.metadata.endpointPrefix, one]));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The names of the actions asked for so far, in order. */
  get actions(): string[] {
    return this.calls.map(({ action }) => action);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { status, xml } = await this.#answer(request);
      response.writeHead(status, { "content-type": "text/xml;charset=UTF-8" }).end(xml);
    } catch (thrown) {
      this.violations.push(String(thrown));
      response.writeHead(500).end();
    }
  }

  async #answer(request: IncomingMessage): Promise<{ readonly status: number; readonly xml: string }> {
    const [, accessKeyId = "", region = "", name = ""] = SCOPE.exec(request.headers.authorization ?? "") ?? [];
    const service = this.#services.get(name);
    if (!service)
      throw new Error(`nothing stands in for the service ${JSON.stringify(name)} of ${request.headers.authorization}`);
    const { action, params, complaints } = readRequest(service.model, await text(request));
    const call: Call = { service: name, action, params, caller: { accessKeyId, region } };
    this.calls.push(call);
    return this.#judged(service, call, complaints);
  }

  /** A request against the model is refused as the service would, and noted. */
  async #judged(service: Service, call: Call, complaints: readonly string[]): Promise<{ status: number; xml: string }> {
    const { model, operations, before, after } = service;
    const id = randomUUID();
    try {
      this.#note(call, complaints);
      const act = operations[call.action];
      if (complaints.length > 0) throw new AwsFault("InvalidParameterValue", complaints.join("; "));
      if (!act) throw new AwsFault("InvalidAction", `nothing stands in for ${call.action}`);
      before?.(call);
      const value = await act(call.params, call.caller);
      const { xml, complaints: own } = writeAnswer(model, call.action, value as Structure, id);
      this.#note(call, own);
      after?.(call);
      return { status: 200, xml };
    } catch (thrown) {
      const fault = thrown instanceof AwsFault ? thrown : new AwsFault("InternalFailure", String(thrown), 500);
      if (fault !== thrown || fault.code === "InvalidAction") this.violations.push(`${call.action}: ${fault.message}`);
      const { xml, complaints: own } = writeFault(model, call.action, fault, id);
      if (complaints.length === 0) this.#note(call, own);
      return { status: fault.status, xml };
    }
  }

  #note({ action }: Call, complaints: readonly string[]): void {
    this.violations.push(...complaints.map((complaint) => `${action}: ${complaint}`));
  }
}
