import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomically } from "./atomic-file.ts";
import { expiryOf, identityText, isGoodFor, isIssuedBy, parseIdentity } from "./certificate.ts";
import type { Clock } from "./clock.ts";
import { errnoOf, messageOf, SpacegateError } from "./errors.ts";
import { type Identity, issueAuthority, issueLeaf, type Validity } from "./pki.ts";

/** Where the private CA lives, below --root. */
export const TLS_DIRECTORY = "/var/lib/spacegate/tls";

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
const AUTHORITY_RENEW_DAYS = 365;
const SERVER_DAYS = 90;
const SERVER_RENEW_DAYS = 30;

/** For how long a client's certificate may be issued: what a CA that is renewed a year before its end can vouch for. */
export const MAX_CLIENT_DAYS = AUTHORITY_RENEW_DAYS;

/** Clocks of clients may be behind. */
const BACKDATED_MS = 3_600_000;

export interface PrivateCaOptions {
  readonly directory: string;
  readonly clock: Pick<Clock, "now">;
  /** The host's name, for the CA's own. */
  readonly hostName: string;
}

/**
 * The agent's own certificate authority: authority.pem and server.pem (key and certificate each, 0600), and authority.crt, the
 * public copy that clients are given. Everything is made on first use. Rejects with TLS_UNUSABLE or HOST_WRITE_FAILED.
 */
export class PrivateCa {
  readonly #options: PrivateCaOptions;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: PrivateCaOptions) {
    this.#options = options;
  }

  /** What clients trust. */
  get publicPath(): string {
    return this.#path("authority.crt");
  }

  /** The CA; a year before its end it gets a new certificate for the same key, so that old copies stay good until then. */
  authority(): Promise<Identity> {
    return this.#inTurn(() => this.#authority());
  }

  /** A certificate for the hosts: the one on disk while it is good for all of them and does not end soon, else a new one. */
  server(hosts: readonly string[]): Promise<Identity> {
    return this.#inTurn(async () => {
      const authority = await this.#authority();
      const kept = await this.#kept("server.pem");
      if (kept && this.#isFit(kept, authority, hosts)) return kept;
      const name = hosts.find((host) => host !== "localhost") ?? "localhost";
      const made = await issueLeaf(authority, { usage: "server", name, hosts, validity: this.#days(SERVER_DAYS) });
      await this.#write("server.pem", identityText(made));
      return made;
    });
  }

  /** A certificate with which a client shows who it is. It is kept nowhere here. */
  client(name: string, days: number): Promise<Identity> {
    return this.#inTurn(async () => {
      const validity = this.#days(Math.min(days, MAX_CLIENT_DAYS));
      return issueLeaf(await this.#authority(), { usage: "client", name, hosts: [], validity });
    });
  }

  /** What there is, without making anything. */
  async look(): Promise<{ authority: Identity | undefined; server: Identity | undefined }> {
    return { authority: await this.#keptAuthority(), server: await this.#kept("server.pem") };
  }

  async #authority(): Promise<Identity> {
    const kept = await this.#keptAuthority();
    const fit = kept && !this.#endsWithin(kept, AUTHORITY_RENEW_DAYS) ? kept : await this.#newAuthority(kept);
    const copy = await this.#read("authority.crt");
    if (copy !== fit.certificate) await this.#write("authority.crt", fit.certificate);
    return fit;
  }

  async #newAuthority(old: Identity | undefined): Promise<Identity> {
    // The name is part of what leaves are found by, so a successor keeps it.
    const name = (old && commonName(old)) ?? `spacegate CA of ${this.#options.hostName}`;
    const made = await issueAuthority(name, this.#days(AUTHORITY_DAYS), old?.key);
    if (old) await this.#write("authority.pem", identityText(made));
    else if (!(await this.#writeFirst("authority.pem", identityText(made)))) return (await this.#keptAuthority()) ?? made;
    return made;
  }

  #isFit(kept: Identity, authority: Identity, hosts: readonly string[]): boolean {
    const certificate = new X509Certificate(kept.certificate);
    if (this.#endsWithin(kept, SERVER_RENEW_DAYS)) return false;
    return (
      isIssuedBy(certificate, new X509Certificate(authority.certificate)) && hosts.every((host) => isGoodFor(certificate, host))
    );
  }

  #endsWithin({ certificate }: Identity, days: number): boolean {
    return expiryOf(new X509Certificate(certificate)) - this.#options.clock.now() < days * DAY_MS;
  }

  #days(count: number): Validity {
    const now = this.#options.clock.now();
    return { from: now - BACKDATED_MS, until: now + count * DAY_MS };
  }

  #path(name: string): string {
    return join(this.#options.directory, name);
  }

  async #read(name: string): Promise<string | undefined> {
    try {
      return await readFile(this.#path(name), "utf8");
    } catch (thrown) {
      if (errnoOf(thrown) === "ENOENT") return undefined;
      throw this.#failure("HOST_READ_FAILED", name, "read", thrown);
    }
  }

  async #kept(name: string): Promise<Identity | undefined> {
    const text = await this.#read(name);
    return text === undefined ? undefined : parseIdentity(text);
  }

  /** A CA that is there and unusable is never written over: clients may trust what it was. */
  async #keptAuthority(): Promise<Identity | undefined> {
    const kept = await this.#kept("authority.pem");
    if (kept || (await this.#read("authority.pem")) === undefined) return kept;
    throw new SpacegateError("TLS_UNUSABLE", `${this.#path("authority.pem")} does not hold a private key and its certificate.`, {
      fix: "Put the right file back, or remove it: a new CA is made then, and every client needs the new authority.crt.",
    });
  }

  /** False when another process was quicker: the agent and a command may both be the first to want it. */
  async #writeFirst(name: string, text: string): Promise<boolean> {
    try {
      await this.#write(name, text, true);
      return true;
    } catch (thrown) {
      if (thrown instanceof SpacegateError && errnoOf(thrown.cause) === "EEXIST") return false;
      throw thrown;
    }
  }

  async #write(name: string, text: string, unlessThere = false): Promise<void> {
    try {
      await writeAtomically({ path: this.#path(name), text, mode: 0o600, directoryMode: 0o700, unlessThere });
    } catch (thrown) {
      throw this.#failure("HOST_WRITE_FAILED", name, "written", thrown);
    }
  }

  #failure(code: "HOST_READ_FAILED" | "HOST_WRITE_FAILED", name: string, done: string, thrown: unknown): SpacegateError {
    return new SpacegateError(code, `${this.#path(name)} could not be ${done}: ${messageOf(thrown)}`, {
      fix: "Run it as root, and see that the disk is neither full nor mounted read-only.",
      cause: thrown,
    });
  }

  /** One at a time: two first uses at once must not make two authorities. */
  #inTurn<T>(job: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(job);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}

const commonName = ({ certificate }: Identity): string | undefined =>
  /^CN=(.+)$/m.exec(new X509Certificate(certificate).subject)?.[1];
