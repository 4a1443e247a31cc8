import type { Clock } from "../lib/clock.ts";
import { messageOf, SpacegateError } from "../lib/errors.ts";
import { createLimit } from "../lib/limit.ts";
import type { Log } from "../lib/log.ts";
import { type Connection, type ConnectionRef, connectionKey } from "../model/connection.ts";
import type { Source, SourceState } from "../model/source.ts";
import { ConnectionLoop } from "./connection-loop.ts";
import type { KeptConnection, LastGood } from "./last-good.ts";
import { sameConnection, sameState } from "./state.ts";

/** Questions under way at a time: Heroku's rate limit, and a process each when its client is asked. */
const AT_A_TIME = 4;

export interface PollerDeps {
  readonly source: Source;
  readonly lastGood: LastGood;
  readonly clock: Clock;
  /** 0..1 */
  readonly random: () => number;
  readonly log: Log;
  readonly pollIntervalMs: number;
  /** Throws a SpacegateError for details that must not come into force; the ones before then stay. */
  readonly check?: (connection: Connection) => void;
  /** Called after each real change: other details, another reason, another error. Must not throw. */
  readonly onChange: (state: SourceState) => void;
}

interface Running {
  readonly loop: ConnectionLoop;
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

/** Keeps the newest knowledge about each connection, and the last good copy of it. */
export class ConnectionPoller {
  readonly #deps: PollerDeps;
  readonly #limit = createLimit(AT_A_TIME);
  readonly #running = new Map<string, Running>();
  /** What the file holds for each connection: from an earlier run, then from this one. */
  #kept: Map<string, KeptConnection> = new Map();
  #order: readonly string[] = [];
  #dirty = false;
  #saving: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(deps: PollerDeps) {
    this.#deps = deps;
  }

  /** Reads the last good copy and begins to ask; resolves when every connection has had an answer or an error. Once. */
  async start(refs: readonly ConnectionRef[]): Promise<void> {
    this.#kept = new Map(await this.#deps.lastGood.load());
    await this.setRefs(refs);
  }

  /** The connections to ask about from now on; those known before keep their state. Resolves like `start`, for the new ones. */
  async setRefs(refs: readonly ConnectionRef[]): Promise<void> {
    if (this.#stopped) return;
    const wanted = new Map(refs.map((ref) => [connectionKey(ref), ref]));
    this.#order = [...wanted.keys()];
    for (const [key, running] of this.#running) {
      if (!wanted.has(key)) this.#drop(key, running);
    }
    this.#flush();
    const added = [...wanted].filter(([key]) => !this.#running.has(key));
    await Promise.all(added.map(([key, ref]) => this.#add(key, ref)));
  }

  /** In the order in which the connections were given. */
  states(): readonly SourceState[] {
    return this.#order.flatMap((key) => this.#running.get(key)?.loop.state ?? []);
  }

  /** Asks about all of them at once, whatever the back-off says; resolves when each has had its answer or error. */
  async refresh(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ loop }) => loop.refresh()));
  }

  /** Ends every question and every pause; resolves when nothing runs any more and the copy is written. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { controller } of this.#running.values()) controller.abort();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
    await this.#saving;
  }

  #add(key: string, ref: ConnectionRef): Promise<void> {
    const { source, clock, random, pollIntervalMs, check = () => undefined } = this.#deps;
    const loop = new ConnectionLoop(ref, {
      source,
      clock,
      random,
      pollIntervalMs,
      check,
      limit: this.#limit,
      kept: this.#kept.get(key),
      onState: (state, before) => this.#onState(key, state, before),
    });
    const first = loop.refresh();
    const controller = new AbortController();
    this.#running.set(key, { loop, controller, done: loop.run(controller.signal) });
    return first;
  }

  #drop(key: string, { controller }: Running): void {
    controller.abort();
    this.#running.delete(key);
    this.#dirty = this.#kept.delete(key) || this.#dirty;
  }

  #onState(key: string, state: SourceState, before: SourceState): void {
    this.#keep(key, state);
    this.#flush();
    if (sameState(state, before)) return;
    this.#tell(key, state, before);
    this.#deps.onChange(state);
  }

  #keep(key: string, { connection, origin, confirmedAt }: SourceState): void {
    if (!connection || origin !== "source" || confirmedAt === undefined) return;
    if (sameConnection(connection, this.#kept.get(key)?.connection)) return;
    this.#kept.set(key, { connection, confirmedAt });
    this.#dirty = true;
  }

  #tell(key: string, state: SourceState, before: SourceState): void {
    const { log } = this.#deps;
    if (state.error) log.warn({ connection: key, code: state.error.code, fix: state.error.fix }, state.error.message);
    else if (state.waiting !== undefined) log.warn({ connection: key }, state.waiting);
    else if (sameConnection(state.connection, before.connection)) log.info({ connection: key }, "the source answers again");
    else log.info({ connection: key }, "the source has new connection details");
  }

  /** One write at a time; whatever changes while one runs is in the next. A write that failed is tried again at the next answer. */
  #flush(): void {
    if (!this.#dirty) return;
    this.#saving = this.#saving.then(() => this.#save());
  }

  async #save(): Promise<void> {
    if (!this.#dirty) return;
    this.#dirty = false;
    try {
      await this.#deps.lastGood.save([...this.#running.keys()].flatMap((key) => this.#kept.get(key) ?? []));
    } catch (thrown) {
      this.#dirty = true;
      const fields = thrown instanceof SpacegateError ? { code: thrown.code, fix: thrown.fix } : {};
      this.#deps.log.error(fields, messageOf(thrown));
    }
  }
}
