import type { SecureContextOptions } from "node:tls";
import type { Clock } from "../lib/clock.ts";
import { messageOf, SpacegateError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { Identity } from "../lib/pki.ts";
import type { PrivateCa } from "../lib/pki-store.ts";
import type { Settings } from "../model/settings.ts";
import type { ListenerStatus, ListenerTrouble } from "../model/status.ts";
import { contextOf, expiryOfPem, readClientCa, readOwners, type TlsMaterial } from "./tls-material.ts";

export type TlsSettings = NonNullable<Settings["listen"]["tls"]>;

export interface TlsKeeperOptions {
  readonly tls: TlsSettings;
  readonly ca: PrivateCa;
  /** Everything by which clients reach this host, for certificates of the agent's own. */
  readonly hosts: () => readonly string[];
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** Puts a certificate in force. */
  readonly secure: (context: SecureContextOptions) => void;
}

const DAY_MS = 86_400_000;
/** The agent's own are renewed long before; an owner's are renewed by somebody who may have forgotten. */
const SOON_DAYS = 14;

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Holds the server's certificate: makes, renews or reads it, and keeps what is in force when what comes is no good. */
export class TlsKeeper {
  readonly #options: TlsKeeperOptions;
  #inForce: TlsMaterial | undefined;
  #authorityExpiresAt: number | null = null;
  #refused: ListenerTrouble | undefined;

  constructor(options: TlsKeeperOptions) {
    this.#options = options;
  }

  get status(): ListenerStatus {
    const certificateExpiresAt = this.#inForce ? expiryOfPem(this.#inForce.certificate) : null;
    return { tls: true, certificateExpiresAt, authorityExpiresAt: this.#authorityExpiresAt };
  }

  get troubles(): readonly ListenerTrouble[] {
    return [this.#refused, this.#expiring()].filter((trouble) => trouble !== undefined);
  }

  /** Looks at everything anew, and puts in force what has changed. Never rejects. */
  async check(): Promise<void> {
    try {
      const fresh = await this.#material();
      this.#refused = undefined;
      this.#use(fresh);
    } catch (thrown) {
      this.#refuse(thrown);
    }
  }

  #use(fresh: TlsMaterial): void {
    const { log, secure } = this.#options;
    const old = this.#inForce;
    if (old && isSame(old, fresh)) return;
    secure(contextOf(fresh));
    this.#inForce = fresh;
    log.info({}, `the HTTP server's certificate is good until ${dayOf(expiryOfPem(fresh.certificate) ?? 0)}`);
  }

  #refuse(thrown: unknown): void {
    const after = this.#inForce ? "What was in force stays in force." : "Until then every TLS connection is refused.";
    const text = `${messageOf(thrown)} ${after}`;
    const fix = thrown instanceof SpacegateError ? thrown.fix : "See the agent's log.";
    if (this.#refused?.text !== text) this.#options.log.warn({ fix }, text);
    this.#refused = { code: "tls-refused", text, fix };
  }

  #expiring(): ListenerTrouble | undefined {
    const until = this.#inForce ? expiryOfPem(this.#inForce.certificate) : null;
    if (until === null || until - this.#options.clock.now() > SOON_DAYS * DAY_MS) return undefined;
    const file = this.#options.tls.certificate;
    return {
      code: "tls-expiring",
      text: `The HTTP server's certificate is good until ${dayOf(until)} only.`,
      fix:
        file === undefined
          ? "See why it was not renewed: the agent's log tells."
          : `Put a renewed one into ${file} and its key file.`,
    };
  }

  async #material(): Promise<TlsMaterial> {
    const identity = await this.#identity();
    const clientCa = await this.#clientCa();
    return { ...identity, clientCa };
  }

  async #identity(): Promise<Identity> {
    const { tls, ca, hosts, clock } = this.#options;
    if (tls.certificate !== undefined && tls.key !== undefined)
      return readOwners({ certificate: tls.certificate, key: tls.key }, clock.now());
    await this.#authority();
    return ca.server(hosts());
  }

  async #clientCa(): Promise<string | undefined> {
    const { tls, clock } = this.#options;
    if (tls.client_certificates === "none") return undefined;
    return tls.client_ca === undefined ? this.#authority() : readClientCa(tls.client_ca, clock.now());
  }

  async #authority(): Promise<string> {
    const { certificate } = await this.#options.ca.authority();
    this.#authorityExpiresAt = expiryOfPem(certificate);
    return certificate;
  }
}

const isSame = (a: TlsMaterial, b: TlsMaterial): boolean =>
  a.certificate === b.certificate && a.clientCa === b.clientCa && a.key.equals(b.key);
