import { SpacegateError } from "../lib/errors.ts";
import { parseConns } from "./conns.ts";
import { listAt, numberAt, sectionAt, sectionsOf, textAt } from "./message.ts";
import { parseIkeSas } from "./sas.ts";
import { ViciSession } from "./session.ts";
import { selector } from "./target.ts";
import type {
  Algorithms,
  Conn,
  IkeSa,
  InitiateOptions,
  RekeyOptions,
  Stats,
  TerminateOptions,
  Version,
  ViciMessage,
} from "./types.ts";
import { type WatchListener, type WatchOptions, watchEvents } from "./watch.ts";

export type ClientOptions = WatchOptions;

/** charon honours a command's own timeout; the connection's is a little longer, so that charon's verdict arrives. */
const GRACE_MS = 2000;

/**
 * charon, as the agent talks to it: one connection for queries (opened on demand, again after charon was restarted), one for
 * events (see `start`), and one of its own for every command that blocks. Every call rejects as `ViciSession.command` does.
 */
export class ViciClient {
  readonly #options: ClientOptions;
  readonly #ended = new AbortController();
  #session: ViciSession | undefined;
  #opening: Promise<ViciSession> | undefined;
  #watching: Promise<void> | undefined;

  constructor(options: ClientOptions = {}) {
    this.#options = options;
  }

  /** Keeps the event connection until `stop`. The first try is made at once. To be called once. */
  start(listener: WatchListener): void {
    this.#watching ??= watchEvents(listener, this.#ended.signal, this.#options);
  }

  /** Closes every connection; the client cannot be used again. */
  async stop(): Promise<void> {
    this.#ended.abort(new Error("the agent stops"));
    this.#session?.close();
    await this.#watching;
  }

  async version(): Promise<Version> {
    const reply = await this.#query("version");
    return { daemon: textAt(reply, "daemon") ?? "", version: textAt(reply, "version") ?? "" };
  }

  async stats(): Promise<Stats> {
    const reply = await this.#query("stats");
    const [uptime, sas] = [sectionAt(reply, "uptime"), sectionAt(reply, "ikesas")];
    return {
      running: textAt(uptime, "running") ?? "",
      since: textAt(uptime, "since") ?? "",
      ikeSas: numberAt(sas, "total") ?? 0,
      halfOpen: numberAt(sas, "half-open") ?? 0,
      plugins: listAt(reply, "plugins"),
    };
  }

  /**
   * Every IKE_SA with its CHILD_SAs, or those of one conn, in charon's order.
   * charon's `noblock` is not used: it leaves out an SA that is busy at the moment, which looks like one that is down.
   */
  async listSas(filter: { readonly ike?: string } = {}): Promise<IkeSa[]> {
    const events = await this.#stream("list-sas", "list-sa", { ...filter });
    return events.flatMap(parseIkeSas);
  }

  /** The conns that charon holds: those of ipsec.conf too. */
  async listConns(): Promise<Conn[]> {
    return (await this.#stream("list-conns", "list-conn")).flatMap(parseConns);
  }

  /** What this charon's plugins implement. */
  async getAlgorithms(): Promise<Algorithms> {
    const reply = await this.#query("get-algorithms");
    return new Map(sectionsOf(reply).map(([kind, names]) => [kind, Object.keys(names)]));
  }

  /**
   * Resolves when the CHILD_SA is installed. Rejects with VICI_COMMAND_FAILED when charon gives up or the time is over; after the
   * time, and after an abort, the attempt CONTINUES in charon until it is terminated. Repeating it meanwhile queues a second one.
   */
  async initiate({ ike, child, timeoutMs, signal, onLog }: InitiateOptions): Promise<void> {
    const message = { ...(ike === undefined ? {} : { ike }), child, timeout: String(timeoutMs) };
    const onEvent = (name: string, event: ViciMessage) => {
      if (name === "control-log") onLog?.(textAt(event, "msg") ?? "");
    };
    const session = await ViciSession.connect({ ...this.#options, onEvent });
    try {
      if (onLog) await session.subscribe(["control-log"]);
      await session.command("initiate", message, {
        timeoutMs: timeoutMs + GRACE_MS,
        signal: AbortSignal.any(signal ? [signal, this.#ended.signal] : [this.#ended.signal]),
      });
    } finally {
      session.close();
    }
  }

  /** How many SAs were ended; 0 when none matches, which is no error here. */
  async terminate(options: TerminateOptions): Promise<number> {
    const message = { ...selector(options), force: options.force ? "yes" : "no", timeout: String(options.timeoutMs) };
    return this.#onMatches("terminate", message, options.timeoutMs + GRACE_MS);
  }

  /** How many SAs charon starts to renew; 0 when none matches. It does not wait until they are renewed. */
  async rekey(options: RekeyOptions): Promise<number> {
    return this.#onMatches("rekey", { ...selector(options), ...(options.reauth ? { reauth: "yes" } : {}) }, GRACE_MS);
  }

  /** Loads a conn beside ipsec.conf's, for instance to have a proposal checked; VICI_COMMAND_FAILED says what charon refuses. */
  async loadConn(name: string, conn: ViciMessage): Promise<void> {
    await this.#query("load-conn", { [name]: conn });
  }

  /** Removes a conn that `loadConn` made; those of ipsec.conf are "not found". */
  async unloadConn(name: string): Promise<void> {
    await this.#query("unload-conn", { name });
  }

  async #query(name: string, message: ViciMessage = {}): Promise<ViciMessage> {
    return (await this.#querySession()).command(name, message);
  }

  async #stream(name: string, eventName: string, message: ViciMessage = {}): Promise<ViciMessage[]> {
    return (await this.#querySession()).stream(name, eventName, message);
  }

  /** On a connection of its own: charon answers a terminate only when the peer has, or the time is over. */
  async #onMatches(name: string, message: ViciMessage, timeoutMs: number): Promise<number> {
    const session = await ViciSession.connect(this.#options);
    try {
      const reply = await session.command(name, message, { timeoutMs, signal: this.#ended.signal });
      return numberAt(reply, "terminated") ?? numberAt(reply, "matches") ?? 0;
    } catch (error) {
      if (error instanceof SpacegateError && error.details.matches === 0) return 0;
      throw error;
    } finally {
      session.close();
    }
  }

  /** The one query connection; callers that come while it is being opened share it. */
  async #querySession(): Promise<ViciSession> {
    this.#ended.signal.throwIfAborted();
    if (this.#session && !this.#session.isClosed) return this.#session;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(): Promise<ViciSession> {
    this.#session = await ViciSession.connect(this.#options);
    if (this.#ended.signal.aborted) this.#session.close();
    return this.#session;
  }
}
