import { backoffDelay } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { messageOf, SpacegateError } from "../lib/errors.ts";
import type { Limit } from "../lib/limit.ts";
import type { Connection, ConnectionRef } from "../model/connection.ts";
import type { Source, SourceState } from "../model/source.ts";
import type { KeptConnection } from "./last-good.ts";
import { afterError, afterReady, afterWaiting, keepOrder } from "./state.ts";

const BACKOFF = { firstMs: 5000, maxMs: 300_000, jitter: 0.3 };
const INTERVAL_JITTER = 0.1;
/** A Retry-After beyond this is a mistake: it would switch the agent's eyes off. */
const MAX_RETRY_AFTER_MS = 3_600_000;

export interface LoopDeps {
  readonly source: Source;
  readonly clock: Clock;
  /** 0..1 */
  readonly random: () => number;
  readonly limit: Limit;
  readonly pollIntervalMs: number;
  readonly check: (connection: Connection) => void;
  /** What an earlier run kept. */
  readonly kept: KeptConnection | undefined;
  /** After every question. */
  readonly onState: (state: SourceState, before: SourceState) => void;
}

const toError = (thrown: unknown): SpacegateError =>
  thrown instanceof SpacegateError
    ? thrown
    : new SpacegateError("SOURCE_UNAVAILABLE", `the source failed unexpectedly: ${messageOf(thrown)}`, {
        fix: "Report this: it is a fault of spacegate.",
        cause: thrown,
      });

/** Asks about one connection again and again, until `run`'s signal ends it. */
export class ConnectionLoop {
  readonly #deps: LoopDeps;
  #state: SourceState;
  #failures = 0;
  #ended = false;
  #nap = new AbortController();
  /** Those who wait for a question that begins after they came. */
  #waiters: (() => void)[] = [];

  constructor(ref: ConnectionRef, deps: LoopDeps) {
    // Until the source answers, the last good copy is what is known.
    this.#state = deps.kept ? { ref, ...deps.kept, origin: "last-good-copy" } : { ref };
    this.#deps = deps;
  }

  get state(): SourceState {
    return this.#state;
  }

  /** Asks at once; resolves when that question has its answer or error, or when the loop ends. */
  refresh(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      this.#nap.abort();
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waiters = this.#waiters.splice(0);
      const pauseMs = await this.#ask(signal);
      for (const resolve of waiters) resolve();
      if (this.#waiters.length === 0 && !signal.aborted) await this.#rest(pauseMs, signal);
    }
    this.#ended = true;
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  async #ask(signal: AbortSignal): Promise<number> {
    const before = this.#state;
    let pauseMs: number;
    try {
      this.#state = await this.#answered(signal);
      this.#failures = 0;
      pauseMs = this.#deps.pollIntervalMs * (1 - INTERVAL_JITTER * this.#deps.random());
    } catch (thrown) {
      if (signal.aborted) return 0;
      const error = toError(thrown);
      this.#state = afterError(before, this.#deps.kept, error);
      pauseMs = this.#pauseAfter(error);
    }
    this.#deps.onState(this.#state, before);
    return pauseMs;
  }

  async #answered(signal: AbortSignal): Promise<SourceState> {
    const { source, limit, kept, check, clock } = this.#deps;
    const answer = await limit(async () => {
      signal.throwIfAborted();
      return source.fetch(this.#state.ref, signal);
    });
    signal.throwIfAborted();
    if (answer.kind === "waiting") return afterWaiting(this.#state, kept, answer.reason);
    const connection = keepOrder(this.#state.connection ?? kept?.connection, answer.connection);
    check(connection);
    return afterReady(this.#state, connection, clock.now());
  }

  #pauseAfter(error: SpacegateError): number {
    this.#failures += 1;
    const asked = error.details.retryAfterMs;
    const askedMs = typeof asked === "number" ? Math.min(asked, MAX_RETRY_AFTER_MS) : 0;
    return Math.max(askedMs, backoffDelay(this.#failures, { ...BACKOFF, random: this.#deps.random }));
  }

  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    this.#nap = new AbortController();
    const end = AbortSignal.any([signal, this.#nap.signal]);
    try {
      await this.#deps.clock.sleep(ms, end);
    } catch (thrown) {
      if (!end.aborted) throw thrown;
    }
  }
}
