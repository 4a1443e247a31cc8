import { type Clock, systemClock } from "../lib/clock.ts";
import type { SpacegateError } from "../lib/errors.ts";
import { asSpacegateError } from "./problem.ts";
import { type SessionOptions, ViciSession } from "./session.ts";
import type { ViciMessage } from "./types.ts";

/** What tells that an SA changed, and charon's log. `alert` is known from 6.0.3 on; older ones decline it. */
export const WATCHED_EVENTS = ["ike-updown", "child-updown", "ike-rekey", "child-rekey", "ike-update", "log", "alert"] as const;

export interface WatchListener {
  /** The connection is there, with the events that this charon knows. What happened before is unknown: look at everything anew. */
  onUp?(events: readonly string[]): void;
  /** The connection is gone, or the first try failed; once for each loss. */
  onDown?(reason: SpacegateError): void;
  onEvent?(name: string, message: ViciMessage): void;
}

export interface WatchOptions extends Omit<SessionOptions, "onEvent"> {
  /** Between two tries to connect while charon is away. Default: 200. */
  readonly retryMs?: number;
  /** Default: WATCHED_EVENTS. */
  readonly events?: readonly string[];
}

/** Holds one connection for events alone and renews it by itself until the signal is aborted; then it resolves. */
export const watchEvents = async (listener: WatchListener, signal: AbortSignal, options: WatchOptions = {}): Promise<void> => {
  const clock: Clock = options.clock ?? systemClock;
  let isDown = false;
  while (!signal.aborted) {
    const { wasUp, reason } = await holdConnection(listener, signal, options);
    if (signal.aborted) return;
    if (wasUp || !isDown) listener.onDown?.(reason);
    isDown = true;
    await clock.sleep(options.retryMs ?? 200, signal).catch(() => {});
  }
};

/** One life of the connection: whether it came up, and what ended it. */
const holdConnection = async (
  listener: WatchListener,
  signal: AbortSignal,
  options: WatchOptions,
): Promise<{ wasUp: boolean; reason: SpacegateError }> => {
  const ended = new AbortController();
  let wasUp = false;
  try {
    const session = await ViciSession.connect({ ...options, onEvent: (name, message) => listener.onEvent?.(name, message) });
    const close = () => session.close();
    ended.signal.addEventListener("abort", close);
    signal.addEventListener("abort", close, { signal: ended.signal });
    signal.throwIfAborted();
    const events = await session.subscribe(options.events ?? WATCHED_EVENTS);
    wasUp = true;
    listener.onUp?.(events);
    return { wasUp, reason: (await session.closed) ?? asSpacegateError(signal.reason) };
  } catch (error) {
    return { wasUp, reason: asSpacegateError(error) };
  } finally {
    ended.abort();
  }
};
