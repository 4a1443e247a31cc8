import { type Clock, systemClock } from "../lib/clock.ts";
import { messageOf, type SpacegateError } from "../lib/errors.ts";
import { encodeSegment, Framer } from "./framer.ts";
import { decodePacket, type Packet } from "./packet.ts";
import { asSpacegateError, protocolError, refusal, timeoutError, unknownError, unreachableError } from "./problem.ts";
import { connectUnix, DEFAULT_VICI_PATH, type ViciConnector, type ViciSocket } from "./socket.ts";
import type { ViciMessage } from "./types.ts";

export interface SessionOptions {
  /** Default: DEFAULT_VICI_PATH. */
  readonly path?: string;
  readonly connect?: ViciConnector;
  readonly clock?: Clock;
  /** Every event that no running `stream` collects, in the order of arrival. When it throws, the connection ends. */
  readonly onEvent?: (name: string, message: ViciMessage) => void;
}

export interface CommandOptions {
  /** From the call to the answer, waiting in the queue included. Default: 5000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

interface Collector {
  readonly eventName: string;
  readonly events: ViciMessage[];
}

/** One request and the one answer that charon owes it. */
interface Exchange {
  readonly expects: readonly Packet["kind"][];
  readonly segment: Buffer;
  readonly collector: Collector | undefined;
  readonly resolve: (answer: Packet) => void;
  readonly reject: (error: unknown) => void;
}

type Request = Extract<Packet, { kind: "command" | "register" }>;

const ANSWERS = { command: ["response", "command-unknown"], register: ["confirm", "event-unknown"] } as const;

const DEFAULT_TIMEOUT_MS = 5000;

/** charon's verdict: most replies carry `success`, those of `version` and the listings do not. */
const replyOf = (command: string, answer: Packet): ViciMessage => {
  if (answer.kind !== "response") throw unknownError(command);
  if (answer.message.success === "no") throw refusal(command, answer.message);
  return answer.message;
};

/**
 * One connection to charon. VICI has no request ids, so one request is in flight and the others queue in the order of the calls.
 * A request that times out or is aborted in flight takes the connection with it, because its late reply would be taken for the
 * next one's; one that still waits in the queue takes only itself.
 */
export class ViciSession {
  /** Resolves, never rejects, when the connection is gone: with the reason, or undefined when `close` was called. */
  readonly closed: Promise<SpacegateError | undefined>;
  readonly #socket: ViciSocket;
  readonly #clock: Clock;
  readonly #onEvent: (name: string, message: ViciMessage) => void;
  readonly #framer = new Framer();
  readonly #queue: Exchange[] = [];
  readonly #registered = new Map<string, Promise<boolean>>();
  readonly #resolveClosed: (reason: SpacegateError | undefined) => void;
  #inFlight: Exchange | undefined;
  #closedBecause: SpacegateError | undefined;

  /** Rejects with VICI_UNREACHABLE when nobody listens at the path. */
  static async connect(options: SessionOptions = {}): Promise<ViciSession> {
    return new ViciSession(await (options.connect ?? connectUnix)(options.path ?? DEFAULT_VICI_PATH), options);
  }

  private constructor(socket: ViciSocket, options: SessionOptions) {
    const { promise, resolve } = Promise.withResolvers<SpacegateError | undefined>();
    this.closed = promise;
    this.#resolveClosed = resolve;
    this.#socket = socket;
    this.#clock = options.clock ?? systemClock;
    this.#onEvent = options.onEvent ?? (() => {});
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", (error) => this.#end(unreachableError(`the connection to charon broke: ${messageOf(error)}`, error)));
    socket.on("close", () => this.#end(unreachableError("charon closed its control socket")));
  }

  get isClosed(): boolean {
    return this.#closedBecause !== undefined;
  }

  /**
   * The reply to a command. Rejects with VICI_COMMAND_FAILED when charon refuses it, COMMAND_TIMEOUT, VICI_UNREACHABLE when the
   * connection goes, VICI_PROTOCOL when the answer is garbage, or the signal's reason.
   */
  async command(name: string, message: ViciMessage = {}, options: CommandOptions = {}): Promise<ViciMessage> {
    return replyOf(name, await this.#exchange({ kind: "command", name, message }, options));
  }

  /** The events that a streamed command (list-sas: list-sa, list-conns: list-conn) raises before its reply. Rejects like `command`. */
  async stream(name: string, eventName: string, message: ViciMessage = {}, options: CommandOptions = {}): Promise<ViciMessage[]> {
    if (!(await this.#register(eventName, options.timeoutMs))) throw unknownError(name);
    const collector: Collector = { eventName, events: [] };
    replyOf(name, await this.#exchange({ kind: "command", name, message }, options, collector));
    return collector.events;
  }

  /** Asks for events; resolves to those that this charon knows (`alert` needs 6.0.3 or newer). Rejects like `command`. */
  async subscribe(events: readonly string[], timeoutMs?: number): Promise<string[]> {
    const known = await Promise.all(events.map((event) => this.#register(event, timeoutMs)));
    return events.filter((_event, index) => known[index]);
  }

  /** Safe to call at any time and more than once; whatever waits is rejected with VICI_UNREACHABLE. */
  close(): void {
    this.#end(undefined);
  }

  /** Once a connection: keeping it halves the cost of a listing. Callers share it, so none of them can abort it. */
  #register(name: string, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<boolean> {
    const before = this.#registered.get(name);
    if (before) return before;
    const registration = this.#exchange({ kind: "register", name }, { timeoutMs }).then((answer) => answer.kind === "confirm");
    this.#registered.set(name, registration);
    registration.catch(() => this.#registered.delete(name));
    return registration;
  }

  async #exchange(request: Request, options: CommandOptions, collector?: Collector): Promise<Packet> {
    options.signal?.throwIfAborted();
    if (this.#closedBecause) throw this.#closedBecause;
    const { promise, resolve, reject } = Promise.withResolvers<Packet>();
    const exchange: Exchange = { expects: ANSWERS[request.kind], segment: encodeSegment(request), collector, resolve, reject };
    const unguard = this.#guard(exchange, request.name, options);
    this.#queue.push(exchange);
    this.#sendNext();
    return promise.finally(unguard);
  }

  /** Ends the exchange when its time is over or its caller gives up; the returned function lifts that. */
  #guard(exchange: Exchange, name: string, options: CommandOptions): () => void {
    const settled = new AbortController();
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#clock.sleep(timeoutMs, settled.signal).then(
      () => this.#abandon(exchange, timeoutError(name, timeoutMs)),
      () => {},
    );
    const { signal } = options;
    signal?.addEventListener("abort", () => this.#abandon(exchange, signal.reason), { once: true, signal: settled.signal });
    return () => settled.abort();
  }

  #abandon(exchange: Exchange, reason: unknown): void {
    exchange.reject(reason);
    const index = this.#queue.indexOf(exchange);
    if (index >= 0) this.#queue.splice(index, 1);
    else if (exchange === this.#inFlight) this.#end(asSpacegateError(reason));
  }

  #sendNext(): void {
    if (this.#inFlight || this.isClosed) return;
    this.#inFlight = this.#queue.shift();
    if (this.#inFlight) this.#socket.write(this.#inFlight.segment);
  }

  #receive(chunk: Buffer): void {
    try {
      this.#framer.push(chunk, (segment) => {
        if (!this.isClosed) this.#dispatch(decodePacket(segment));
      });
    } catch (error) {
      this.#end(asSpacegateError(error));
    }
  }

  #dispatch(packet: Packet): void {
    if (packet.kind === "event") this.#deliver(packet.name, packet.message);
    else this.#answer(packet);
  }

  #answer(packet: Packet): void {
    const exchange = this.#inFlight;
    if (!exchange?.expects.includes(packet.kind)) throw protocolError(`a packet "${packet.kind}" that nobody asked for`);
    this.#inFlight = undefined;
    exchange.resolve(packet);
    this.#sendNext();
  }

  #deliver(name: string, message: ViciMessage): void {
    const collector = this.#inFlight?.collector;
    if (collector?.eventName === name) collector.events.push(message);
    else this.#onEvent(name, message);
  }

  #end(reason: SpacegateError | undefined): void {
    if (this.isClosed) return;
    this.#closedBecause = reason ?? unreachableError("the agent closed its connection to charon");
    this.#socket.destroy();
    for (const exchange of [this.#inFlight, ...this.#queue.splice(0)]) exchange?.reject(this.#closedBecause);
    this.#inFlight = undefined;
    this.#resolveClosed(reason);
  }
}
