import { hostname } from "node:os";
import { join } from "node:path";
import { type Listener, type ListenerOptions, openListener } from "../expose/listener.ts";
import type { SpacegateError } from "../lib/errors.ts";
import { PrivateCa, TLS_DIRECTORY } from "../lib/pki-store.ts";
import type { Settings } from "../model/settings.ts";
import { asError } from "./pass.ts";

type Listen = Settings["listen"];

export interface DoorDeps extends Omit<ListenerOptions, "listen" | "ca"> {
  /** LISTEN_FAILED: what changed settings ask for cannot be. */
  readonly onRefused: (error: SpacegateError) => void;
}

/** The HTTP server as the settings in force want it. */
export class Door {
  readonly #deps: DoorDeps;
  readonly #ca: PrivateCa;
  #listener: Listener | undefined;
  #listen: Listen | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(deps: DoorDeps) {
    const { root, clock } = deps;
    this.#deps = deps;
    this.#ca = new PrivateCa({ directory: join(root, TLS_DIRECTORY), clock, hostName: hostname() });
  }

  /** Rejects with LISTEN_FAILED. */
  async open(listen: Listen): Promise<void> {
    this.#listener = await openListener({ ...this.#deps, listen, ca: this.#ca });
    this.#listen = listen;
    const { tls, address, port } = listen;
    this.#deps.log.info({}, `serving ${tls ? "https" : "http"}://${address}:${port}/healthz and /metrics`);
  }

  /** Opens anew where the settings say something else; when that cannot be, what was before comes back. */
  use(listen: Listen): Promise<void> {
    this.#turn = this.#turn.then(() => this.#change(listen));
    return this.#turn;
  }

  /** Looks at certificates and token anew. */
  async check(): Promise<void> {
    await this.#listener?.check();
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#listener?.close();
    this.#listener = undefined;
    this.#listen = undefined;
  }

  async #change(listen: Listen): Promise<void> {
    const before = this.#listen;
    if (JSON.stringify(listen) === JSON.stringify(before)) return;
    await this.#listener?.close();
    this.#listener = undefined;
    this.#listen = undefined;
    try {
      await this.open(listen);
    } catch (thrown) {
      this.#refuse(thrown);
      if (before) await this.open(before).catch((again: unknown) => this.#refuse(again));
    }
  }

  #refuse(thrown: unknown): void {
    const error = asError(thrown);
    this.#deps.log.error({ code: error.code, fix: error.fix }, error.message);
    this.#deps.onRefused(error);
  }
}
