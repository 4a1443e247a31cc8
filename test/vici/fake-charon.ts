import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { encodeSegment, Framer } from "../../agent/vici/framer.ts";
import { decodePacket, type Packet } from "../../agent/vici/packet.ts";
import type { ViciMessage } from "../../agent/vici/types.ts";

/** Answers a command; undefined: never answers. What it sends through the connection before it returns comes before the reply. */
export type Handler = (
  message: ViciMessage,
  connection: FakeConnection,
) => ViciMessage | undefined | Promise<ViciMessage | undefined>;

/** One client of the fake. Numbers count from 1 in the order of the connections. */
export class FakeConnection {
  readonly number: number;
  readonly registered = new Set<string>();
  readonly #socket: Socket;

  constructor(number: number, socket: Socket) {
    this.number = number;
    this.#socket = socket;
  }

  send(packet: Packet): void {
    this.raw(encodeSegment(packet));
  }

  event(name: string, message: ViciMessage): void {
    this.send({ kind: "event", name, message });
  }

  /** Any bytes, to play a charon that went wrong. */
  raw(bytes: Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  cut(): void {
    this.#socket.destroy();
  }
}

/** One request as it arrived: "3 list-sas", "1 register log"; the number is the connection's. */
const describeRequest = (connection: FakeConnection, packet: Packet): string => {
  const name = "name" in packet ? packet.name : packet.kind;
  return packet.kind === "command" ? `${connection.number} ${name}` : `${connection.number} ${packet.kind} ${name}`;
};

/**
 * A charon for tests: a unix socket that speaks VICI, answers commands as told and raises events when told. Commands it was not
 * told about are unknown, as with charon. Like charon it answers the requests of one connection in their order.
 */
export class FakeCharon {
  readonly path: string;
  /** Every request in the order of arrival, over all connections. */
  readonly requests: string[] = [];
  /** The content of every command, in the same order as the commands among `requests`. */
  readonly messages: ViciMessage[] = [];
  /** Events that can be registered; `alert` is unknown to charon before 6.0.3. */
  readonly knownEvents = new Set(
    "log control-log list-sa list-conn ike-updown child-updown ike-rekey child-rekey ike-update".split(" "),
  );
  readonly #handlers = new Map<string, Handler>();
  readonly #connections = new Set<FakeConnection>();
  readonly #ownsFolder: boolean;
  #accepted = 0;
  #server: Server | undefined;

  /** Without a path it makes a folder of its own and removes it in `stop`. */
  constructor(path?: string) {
    this.#ownsFolder = path === undefined;
    this.path = path ?? join(mkdtempSync(join(tmpdir(), "vici-")), "charon.vici");
  }

  /** How many clients are connected now. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Answers `command` from now on with the message, or with what the function makes of the request. */
  on(command: string, answer: ViciMessage | Handler): this {
    this.#handlers.set(command, typeof answer === "function" ? (answer as Handler) : () => answer as ViciMessage);
    return this;
  }

  async start(): Promise<this> {
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(this.path, resolve));
    return this;
  }

  /** As when charon dies: every connection closes, new ones are refused; `start` brings it back. */
  async die(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.cut();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  async stop(): Promise<void> {
    await this.die();
    if (this.#ownsFolder) rmSync(dirname(this.path), { recursive: true, force: true });
  }

  /** Closes every connection, but goes on listening. */
  cut(): void {
    for (const connection of this.#connections) connection.cut();
  }

  /** Raises an event on every connection that registered it. */
  event(name: string, message: ViciMessage = {}): void {
    for (const connection of this.#connections) if (connection.registered.has(name)) connection.event(name, message);
  }

  /** Sends bytes to every client. */
  raw(bytes: Buffer): void {
    for (const connection of this.#connections) connection.raw(bytes);
  }

  #accept(socket: Socket): void {
    this.#accepted += 1;
    const connection = new FakeConnection(this.#accepted, socket);
    const framer = new Framer();
    let previous = Promise.resolve();
    this.#connections.add(connection);
    socket.on("error", () => {});
    socket.on("close", () => this.#connections.delete(connection));
    socket.on("data", (chunk) =>
      framer.push(chunk, (segment) => {
        const packet = decodePacket(segment);
        this.requests.push(describeRequest(connection, packet));
        if (packet.kind === "command") this.messages.push(packet.message);
        previous = previous.then(() => this.#answer(connection, packet));
      }),
    );
  }

  async #answer(connection: FakeConnection, packet: Packet): Promise<void> {
    if (packet.kind === "register") return this.#register(connection, packet.name);
    if (packet.kind !== "command") throw new Error(`the fake charon does not expect a packet "${packet.kind}"`);
    const handler = this.#handlers.get(packet.name);
    if (!handler) return connection.send({ kind: "command-unknown" });
    const message = await handler(packet.message, connection);
    if (message) connection.send({ kind: "response", message });
  }

  #register(connection: FakeConnection, name: string): void {
    const isKnown = this.knownEvents.has(name);
    if (isKnown) connection.registered.add(name);
    connection.send({ kind: isKnown ? "confirm" : "event-unknown" });
  }
}
