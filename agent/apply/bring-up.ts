import { type BackoffOptions, backoffDelay } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { messageOf, SpacegateError } from "../lib/errors.ts";
import { createLimit } from "../lib/limit.ts";
import type { Log } from "../lib/log.ts";
import { lastedLine } from "../model/attempt-line.ts";

/** charon's part in bringing a tunnel up. */
export interface Initiator {
  initiate(options: { ike: string; child: string; timeoutMs: number; onLog: (line: string) => void }): Promise<void>;
}

/** One tunnel's tries, as planning reads them. Times are monotonic milliseconds. */
export interface AttemptState {
  readonly inFlight: boolean;
  readonly startedAt: number;
  readonly notBefore: number;
  /** Failures since it was last up. */
  readonly failures: number;
  /** charon's words about the newest failure; "" before one. */
  readonly failure: string;
  /** charon's log lines about the newest attempt, newest last. */
  readonly lines: readonly string[];
  /** The same about the newest attempt that failed. */
  readonly failureLines: readonly string[];
}

/** charon's verdict is waited for so long; its attempt then goes on until it is terminated. */
const VERDICT_MS = 10_000;
const KEPT_LINES = 40;
/** Each one that waits for its verdict keeps one of charon's 16 threads: with 20 at once charon answered nothing else any more. */
const AT_A_TIME = 4;

/** A refusal in charon's words. */
const REFUSED = /NO_PROPOSAL_CHOSEN|AUTHENTICATION_FAILED|INVALID_ID_INFORMATION|TS_UNACCEPTABLE/;
const SLOW_MS = 15_000;

export interface BringUpDeps {
  readonly vici: Initiator;
  readonly clock: Clock;
  readonly log: Log;
  readonly backoff: BackoffOptions;
  /** Called when charon has given its verdict: time to look again. */
  readonly onVerdict: (conn: string) => void;
}

/** Starts tunnels without making anyone wait, one try a tunnel at a time, and remembers how the tries went. */
export class BringUp {
  readonly #deps: BringUpDeps;
  readonly #attempts = new Map<string, AttemptState>();
  readonly #limit = createLimit(AT_A_TIME);

  constructor(deps: BringUpDeps) {
    this.#deps = deps;
  }

  attempts(): Readonly<Record<string, AttemptState>> {
    return Object.fromEntries(this.#attempts);
  }

  /** Returns at once; `onUp` is called when the CHILD_SA is installed. A conn that is being tried is left alone. */
  start(conn: string, onUp: () => Promise<void>): void {
    const before = this.#attempts.get(conn);
    if (before?.inFlight) return;
    this.#attempts.set(conn, {
      inFlight: true,
      startedAt: this.#deps.clock.monotonic(),
      notBefore: 0,
      failures: before?.failures ?? 0,
      failure: before?.failure ?? "",
      lines: [],
      failureLines: before?.failureLines ?? [],
    });
    void this.#try(conn, onUp);
  }

  /**
   * Forgets past failures, so that the next pass tries at once: for a charon that came back, or details that changed. A try
   * that is under way goes on; should it fail, that counts as the first.
   */
  reset(conn?: string): void {
    for (const [name, attempt] of this.#attempts) {
      if (conn !== undefined && conn !== name) continue;
      if (attempt.inFlight) this.#attempts.set(name, { ...attempt, failures: 0 });
      else this.#attempts.delete(name);
    }
  }

  /** A line about the try that is under way; without one it says nothing of a failure. */
  hear(conn: string, line: string): void {
    const attempt = this.#attempts.get(conn);
    if (attempt?.inFlight) this.#attempts.set(conn, { ...attempt, lines: [...attempt.lines, line].slice(-KEPT_LINES) });
  }

  async #try(conn: string, onUp: () => Promise<void>): Promise<void> {
    const { vici, log } = this.#deps;
    try {
      await this.#limit(() =>
        vici.initiate({ ike: conn, child: conn, timeoutMs: VERDICT_MS, onLog: (line) => this.hear(conn, line) }),
      );
      this.#attempts.delete(conn);
      await onUp().catch((thrown) => log.warn({ conn }, `${conn} is up, but that could not be noted: ${messageOf(thrown)}`));
    } catch (thrown) {
      const failure = this.#fail(conn, thrown);
      log.warn({ conn, failures: failure.failures }, `${conn} did not come up: ${failure.failure}`);
    }
    this.#deps.onVerdict(conn);
  }

  #fail(conn: string, thrown: unknown): AttemptState {
    const { clock, backoff } = this.#deps;
    const attempt = this.#attempts.get(conn);
    const failures = (attempt?.failures ?? 0) + 1;
    const startedAt = attempt?.startedAt ?? clock.monotonic();
    const lines = [...(attempt?.lines ?? []), lastedLine(clock.monotonic() - startedAt)];
    // What the other side refuses it will refuse again: asking often helps nobody, and no answer may be answered any moment.
    const firstMs = lines.some((line) => REFUSED.test(line)) ? SLOW_MS : backoff.firstMs;
    const delay = backoffDelay(failures, { ...backoff, firstMs, maxMs: Math.max(firstMs * 4, backoff.maxMs) });
    const failed: AttemptState = {
      inFlight: false,
      startedAt,
      notBefore: clock.monotonic() + delay,
      failures,
      failure: thrown instanceof SpacegateError ? String(thrown.details.reason ?? thrown.message) : messageOf(thrown),
      lines,
      failureLines: lines,
    };
    this.#attempts.set(conn, failed);
    return failed;
  }
}
