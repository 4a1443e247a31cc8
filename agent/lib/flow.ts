import type { Clock } from "./clock.ts";
import { lasted } from "./duration.ts";
import { type ErrorCode, SpacegateError } from "./errors.ts";

/** What the person who waits is told. */
export interface Progress {
  /** A sentence that stays. */
  say(text: string): void;
  /** What is going on now, and for how long; called each second while somebody waits. */
  show(text: string, elapsedMs: number): void;
}

/** What waiting works with. */
export interface WaitDeps {
  readonly clock: Clock;
  readonly progress: Progress;
  /** Aborted when the person wants to stop. */
  readonly signal: AbortSignal;
  /** For each thing that is waited for. */
  readonly timeoutMs: number;
}

/** What state things are in, and the command that goes on from there. */
export interface Story {
  readonly state: string;
  readonly next: string;
  /** In place of these when the other side itself gave up (VPN_FAILED, PRIVATELINK_FAILED). */
  readonly failed?: Omit<Story, "failed">;
}

/** The error of a person who wanted to stop. */
const interrupted = ({ state, next }: Story, cause: unknown): SpacegateError =>
  new SpacegateError("INTERRUPTED", `Stopped. ${state}`, { fix: next, cause });

/** The codes of an other side that gave up. */
const GAVE_UP: readonly ErrorCode[] = ["VPN_FAILED", "PRIVATELINK_FAILED"];

const isInterrupted = (thrown: unknown): boolean => thrown instanceof SpacegateError && thrown.code === "INTERRUPTED";

const retold = (error: SpacegateError, { state, next }: Story): SpacegateError =>
  new SpacegateError(error.code, `${error.message}\n${state}`, {
    fix: `${error.fix}\n${next}`,
    cause: error,
    details: error.details,
  });

/** Where a flow is. Whatever ends it before its end tells that, and how to go on. */
export class Teller {
  #story: Story | undefined;

  at(story: Story): void {
    this.#story = story;
  }

  /** Runs a flow. Rejects with INTERRUPTED when `signal` ended it, else with its own error, told with the state. */
  async run<T>(signal: AbortSignal, flow: () => Promise<T>): Promise<T> {
    try {
      return await flow();
    } catch (thrown) {
      if (isInterrupted(thrown)) throw thrown;
      if (signal.aborted) throw interrupted(this.#story ?? NOTHING, thrown);
      if (!(thrown instanceof SpacegateError) || !this.#story) throw thrown;
      throw retold(thrown, (GAVE_UP.includes(thrown.code) && this.#story.failed) || this.#story);
    }
  }
}

/** The story of a command that has not changed anything yet. */
export const NOTHING: Story = { state: "Nothing was changed.", next: "Run the same command again." };

/** Runs what changes nothing, or tells itself what it changed: an interruption that has no story yet gets this one. */
export const orInterrupted = async <T>(signal: AbortSignal, story: Story, flow: () => Promise<T>): Promise<T> => {
  try {
    return await flow();
  } catch (thrown) {
    throw signal.aborted && !isInterrupted(thrown) ? interrupted(story, thrown) : thrown;
  }
};

/** What goes away by itself, so that whoever waits asks again. */
const PASSING: readonly ErrorCode[] = [
  ...(["SOURCE_UNAVAILABLE", "SOURCE_RATE_LIMITED", "SOURCE_MALFORMED"] as const),
  ...(["AWS_UNAVAILABLE", "AWS_THROTTLED"] as const),
];

const isPassing = (thrown: unknown): thrown is SpacegateError =>
  thrown instanceof SpacegateError && PASSING.includes(thrown.code);

/** A Retry-After beyond this is a mistake. */
const MAX_PAUSE_MS = 300_000;

/** How long to leave the other side alone after an error. */
const pauseAfter = ({ details }: SpacegateError, pollMs: number): number =>
  Math.max(pollMs, typeof details.retryAfterMs === "number" ? Math.min(details.retryAfterMs, MAX_PAUSE_MS) : 0);

/** One look: a value ends the waiting, a text says what is being waited for. */
export type Look<T> = { readonly done: T } | { readonly seen: string };

export interface Waiting {
  /** "acme-space/office to be active". */
  readonly what: string;
  readonly pollMs: number;
  /** The code of the error when it takes longer than `timeoutMs`. */
  readonly tooLate: ErrorCode;
  /** Where incidents of whoever is waited for are told; Heroku's when not given. */
  readonly incidents?: string;
}

const SECOND_MS = 1000;

/**
 * Looks each `pollMs` until a look is done; errors that pass are shown and asked past. Rejects with `tooLate`, with what was
 * seen last, and with the signal's reason.
 */
export const waitFor = async <T>(waiting: Waiting, look: () => Promise<Look<T>>, deps: WaitDeps): Promise<T> => {
  const { clock, progress, signal, timeoutMs } = deps;
  const start = clock.monotonic();
  for (;;) {
    signal.throwIfAborted();
    const { seen, pauseMs, done } = await lookOnce(look, waiting.pollMs);
    if (done) return done.value;
    const next = clock.monotonic() + pauseMs;
    for (let left = pauseMs; left > 0; left = next - clock.monotonic()) {
      const elapsed = clock.monotonic() - start;
      if (elapsed >= timeoutMs) throw tooLate(waiting, timeoutMs, seen);
      progress.show(seen, elapsed);
      await clock.sleep(Math.min(SECOND_MS, left), signal);
    }
  }
};

interface Seen<T> {
  readonly seen: string;
  readonly pauseMs: number;
  readonly done?: { readonly value: T };
}

const lookOnce = async <T>(look: () => Promise<Look<T>>, pollMs: number): Promise<Seen<T>> => {
  try {
    const result = await look();
    return "done" in result ? { seen: "", pauseMs: 0, done: { value: result.done } } : { seen: result.seen, pauseMs: pollMs };
  } catch (thrown) {
    if (!isPassing(thrown)) throw thrown;
    return { seen: `${thrown.message}; asking again`, pauseMs: pauseAfter(thrown, pollMs) };
  }
};

/** AWS's, for `Waiting.incidents`. */
export const AWS_INCIDENTS = "https://health.aws.amazon.com/health/status";

const tooLate = (
  { what, tooLate: code, incidents = "https://status.heroku.com" }: Waiting,
  timeoutMs: number,
  seen: string,
): SpacegateError =>
  new SpacegateError(code, `Waited ${lasted(timeoutMs)} for ${what}. Last seen: ${seen}`, {
    fix: `Wait longer with --timeout; ${incidents} tells of incidents.`,
  });
