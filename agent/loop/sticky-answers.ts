import type { Clock } from "../lib/clock.ts";

interface Suspicion {
  /** How often its sibling began to pass when it was gone. */
  readonly times: number;
  /** Monotonic milliseconds. */
  readonly restsUntil: number;
}

/** A sibling that is well passes within this once nothing draws its answers away. */
const TRIAL_MS = 2000;
const REST_MS = 20_000;
const REST_MAX_MS = 3_600_000;

/**
 * A far end may answer by one tunnel for as long as that has SAs. When the packets of that tunnel are lost and IKE passes, neither
 * tunnel passes, and no dead peer detection ever ends it. Only a trial tells such a tunnel: it is taken down, and its
 * sibling passes at once. It then rests for a time that doubles with each trial that ends the same way.
 */
export class StickyAnswers {
  readonly #clock: Clock;
  /** By conn: when it was taken down. */
  readonly #trials = new Map<string, number>();
  readonly #suspicions = new Map<string, Suspicion>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** It is being taken down, because nothing came back through it or its sibling. */
  begin(conn: string): void {
    this.#trials.set(conn, this.#clock.monotonic());
  }

  /** Takes in what is proven of a tunnel and of its sibling. Returns the milliseconds of the rest that begins now, if one does. */
  look(conn: string, passes: boolean, siblingPasses: () => boolean): number | undefined {
    if (passes) this.#suspicions.delete(conn);
    const since = this.#trials.get(conn);
    if (since === undefined) return undefined;
    if (siblingPasses()) return this.#suspect(conn);
    if (this.#clock.monotonic() - since >= TRIAL_MS) this.#trials.delete(conn);
    return undefined;
  }

  isOnTrial(conn: string): boolean {
    return this.#trials.has(conn);
  }

  /** The last trial went against it, and it has not passed since. */
  isSuspected(conn: string): boolean {
    return this.#suspicions.has(conn);
  }

  rests(conn: string): boolean {
    return this.#clock.monotonic() < (this.#suspicions.get(conn)?.restsUntil ?? 0);
  }

  #suspect(conn: string): number {
    this.#trials.delete(conn);
    const times = (this.#suspicions.get(conn)?.times ?? 0) + 1;
    const restMs = Math.min(REST_MAX_MS, REST_MS * 2 ** Math.min(times - 1, 20));
    this.#suspicions.set(conn, { times, restsUntil: this.#clock.monotonic() + restMs });
    return restMs;
  }
}
