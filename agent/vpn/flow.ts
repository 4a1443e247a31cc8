import type { Clock } from "../lib/clock.ts";
import { lasted } from "../lib/duration.ts";
import { SpacegateError } from "../lib/errors.ts";
import { type ConnectionRef, connectionKey } from "../model/connection.ts";
import type { HerokuVpn, Wanted } from "./heroku-vpn.ts";

export type Verb = "connect" | "wait" | "info" | "rotate" | "destroy";

/** What the person who waits is told. */
export interface Progress {
  /** A sentence that stays. */
  say(text: string): void;
  /** What is going on now, and for how long; called each second while somebody waits. */
  show(text: string, elapsedMs: number): void;
}

/** What every flow works with. */
export interface FlowDeps {
  readonly heroku: HerokuVpn;
  readonly clock: Clock;
  readonly progress: Progress;
  /** Aborted when the person wants to stop. */
  readonly signal: AbortSignal;
  /** Between two questions to Heroku. */
  readonly pollMs: number;
  /** For each thing that is waited for. */
  readonly timeoutMs: number;
  /** The exact command that goes on: `command("wait", ref)`. */
  readonly command: (verb: Verb, ref: ConnectionRef, wanted?: Wanted) => string;
}

/** What state things are in, and the command that goes on from there. */
export interface Story {
  readonly state: string;
  readonly next: string;
  /** In place of these when Heroku itself gave up (VPN_FAILED). */
  readonly failed?: Omit<Story, "failed">;
}

/** The error of a person who wanted to stop. */
const interrupted = ({ state, next }: Story, cause: unknown): SpacegateError =>
  new SpacegateError("INTERRUPTED", `Stopped. ${state}`, { fix: next, cause });

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
      throw retold(thrown, (thrown.code === "VPN_FAILED" && this.#story.failed) || this.#story);
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
const PASSING: readonly string[] = ["SOURCE_UNAVAILABLE", "SOURCE_RATE_LIMITED", "SOURCE_MALFORMED"];

const isPassing = (thrown: unknown): thrown is SpacegateError =>
  thrown instanceof SpacegateError && PASSING.includes(thrown.code);

/** A Retry-After beyond this is a mistake. */
const MAX_PAUSE_MS = 300_000;

/** How long to leave Heroku alone after an error. */
const pauseAfter = ({ details }: SpacegateError, pollMs: number): number =>
  Math.max(pollMs, typeof details.retryAfterMs === "number" ? Math.min(details.retryAfterMs, MAX_PAUSE_MS) : 0);

/** One look: a value ends the waiting, a text says what is being waited for. */
export type Look<T> = { readonly done: T } | { readonly seen: string };

interface Waiting {
  /** "acme-space/office to be active". */
  readonly what: string;
  readonly pollMs: number;
}

const SECOND_MS = 1000;

/**
 * Looks each `pollMs` until a look is done; errors that pass are shown and asked past. Rejects with VPN_TIMEOUT, with what was
 * seen last, and with the signal's reason.
 */
export const waitFor = async <T>({ what, pollMs }: Waiting, look: () => Promise<Look<T>>, deps: FlowDeps): Promise<T> => {
  const { clock, progress, signal, timeoutMs } = deps;
  const start = clock.monotonic();
  for (;;) {
    signal.throwIfAborted();
    const { seen, pauseMs, done } = await lookOnce(look, pollMs);
    if (done) return done.value;
    const next = clock.monotonic() + pauseMs;
    while (clock.monotonic() < next) {
      const elapsed = clock.monotonic() - start;
      if (elapsed >= timeoutMs) throw tooLate(what, timeoutMs, seen);
      progress.show(seen, elapsed);
      await clock.sleep(Math.min(SECOND_MS, next - clock.monotonic()), signal);
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

const tooLate = (what: string, timeoutMs: number, seen: string): SpacegateError =>
  new SpacegateError("VPN_TIMEOUT", `Waited ${lasted(timeoutMs)} for ${what}. Last seen: ${seen}`, {
    fix: "Wait longer with --timeout; https://status.heroku.com tells of incidents.",
  });

/** Where a connection is not what was expected. */
export const refuse = (message: string, fix: string): SpacegateError => new SpacegateError("VPN_REFUSED", message, { fix });

export const unknownConnection = (ref: ConnectionRef, others: readonly { readonly name: string }[]): SpacegateError =>
  new SpacegateError("SOURCE_NOT_FOUND", `Heroku knows no VPN connection ${connectionKey(ref)}`, {
    fix:
      others.length > 0
        ? `${ref.space} has the VPN connection ${others.map(({ name }) => name).join(", ")}.`
        : `${ref.space} has none; \`spacegate vpn connect\` makes one.`,
  });
