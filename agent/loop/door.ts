import { hostname } from "node:os";
import { join } from "node:path";
import { type Listener, openListener } from "../expose/listener.ts";
import type { Told } from "../expose/server.ts";
import type { Log } from "../lib/log.ts";
import { PrivateCa, TLS_DIRECTORY } from "../lib/pki-store.ts";
import type { Secret } from "../lib/secret.ts";
import type { Settings } from "../model/settings.ts";
import { watchFile } from "../source/index.ts";
import type { Gateway } from "./gateway.ts";
import { asError } from "./pass.ts";
import type { Host } from "./world.ts";

type Listen = Settings["listen"];

export interface DoorDeps {
  readonly gateway: Gateway;
  readonly host: Host;
  readonly log: Log;
  readonly told: Told;
  readonly remember: (secret: Secret) => void;
}

/** The HTTP server as the settings in force want it. */
export class Door {
  readonly #deps: DoorDeps;
  readonly #ca: PrivateCa;
  #listener: Listener | undefined;
  #listen: Listen | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(deps: DoorDeps) {
    const { root, clock } = deps.host;
    this.#deps = deps;
    this.#ca = new PrivateCa({ directory: join(root, TLS_DIRECTORY), clock, hostName: hostname() });
  }

  /** Rejects with LISTEN_FAILED. */
  async open(listen: Listen): Promise<void> {
    const { gateway, host, log, told, remember } = this.#deps;
    const { root, clock } = host;
    const onState = gateway.useListener.bind(gateway);
    this.#listener = await openListener({ listen, told, root, ca: this.#ca, clock, log, remember, watch: watchFile, onState });
    this.#listen = listen;
    const { tls, address, port } = listen;
    log.info({}, `serving ${tls ? "https" : "http"}://${address}:${port}/healthz and /metrics`);
  }

  /** Opens anew where the settings say something else; when that cannot be, all stays as it was and the gateway tells why. */
  use(listen: Listen): void {
    this.#turn = this.#turn.then(() => this.#change(listen));
  }

  /** Looks at certificates and token anew. */
  async check(): Promise<void> {
    await this.#listener?.check();
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#listener?.close();
    this.#listener = undefined;
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
    this.#deps.gateway.refuseSettings(error);
  }
}
