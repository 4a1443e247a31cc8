import type { Clock } from "../lib/clock.ts";
import { formatDuration } from "../lib/duration.ts";
import type { Log } from "../lib/log.ts";
import type { Draining } from "../model/drain.ts";

interface DrainDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange: () => void;
}

/**
 * Takes the gateway out of service: at first it only says so, so that whoever balances or watches can move, then its tunnels are
 * kept closed. It is remembered nowhere: a restarted agent serves.
 */
export class Drain {
  readonly #deps: DrainDeps;
  #state: Draining | undefined;
  #timer = new AbortController();

  constructor(deps: DrainDeps) {
    this.#deps = deps;
  }

  /** undefined while the gateway serves. */
  get state(): Draining | undefined {
    return this.#state;
  }

  get closed(): boolean {
    return this.#state?.closed === true;
  }

  /** Closes the tunnels after `ms`; the newest word counts, but what is closed stays so. */
  begin(ms: number): void {
    if (this.closed) return;
    const { clock, log } = this.#deps;
    const now = clock.now();
    log.warn({}, `draining: the tunnels are closed in ${formatDuration(ms)}`);
    this.#become({ since: this.#state?.since ?? now, closesAt: now + ms, closed: false });
    const { signal } = this.#timer;
    void clock.sleep(ms, signal).then(
      () => this.#close(),
      () => undefined,
    );
  }

  cancel(): void {
    if (!this.#state) return;
    this.#deps.log.warn({}, "no longer draining: the tunnels come up again");
    this.#become(undefined);
  }

  stop(): void {
    this.#timer.abort();
  }

  #close(): void {
    if (!this.#state || this.#timer.signal.aborted) return;
    this.#deps.log.warn({}, "draining: the tunnels are closed and stay so");
    this.#become({ ...this.#state, closed: true });
  }

  #become(state: Draining | undefined): void {
    this.#timer.abort();
    this.#timer = new AbortController();
    this.#state = state;
    this.#deps.onChange();
  }
}
