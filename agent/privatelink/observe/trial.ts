import type { Trouble } from "../../model/trouble.ts";

/** Why a link does not carry, as a person should read it. */
export class LinkTrial extends Error {
  override readonly name = "LinkTrial";
  readonly trouble: Trouble;

  constructor(text: string, fix: string, cause?: unknown) {
    super(text, cause === undefined ? undefined : { cause });
    this.trouble = { text, fix };
  }
}

/**
 * Gives the work so many milliseconds; what it waits for must end when its signal aborts. Rejects with `late()` when the time is
 * over, and with the outer signal's reason when that aborts. Nothing stays behind: neither timer nor listener.
 */
export const withDeadline = async <T>(
  ms: number,
  outer: AbortSignal,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  outer.throwIfAborted();
  const own = new AbortController();
  const stop = (): void => own.abort(outer.reason);
  const timer = setTimeout(() => own.abort(late()), ms);
  outer.addEventListener("abort", stop, { once: true });
  try {
    return await work(own.signal);
  } catch (thrown) {
    throw own.signal.aborted ? own.signal.reason : thrown;
  } finally {
    clearTimeout(timer);
    outer.removeEventListener("abort", stop);
  }
};
