import type { ProbeResult } from "./probe-target.ts";

/** What one tunnel's probes prove. */
export interface ProbeVerdict {
  /** null until there is enough to tell. */
  readonly passing: boolean | null;
  /** The newest round trip in milliseconds. */
  readonly rttMs: number | null;
  /** Share of unanswered probes in the window, 0..1. */
  readonly lossRatio: number | null;
}

export const NO_VERDICT: ProbeVerdict = { passing: null, rttMs: null, lossRatio: null };

const WINDOW = 100;

/** The newest probes of one tunnel. `misses` unanswered ones in a row mean that it passes nothing; one answer means that it does. */
export class ProbeWindow {
  readonly #misses: number;
  readonly #results: ProbeResult[] = [];
  #missed = 0;
  #rttMs: number | null = null;

  constructor(misses: number) {
    this.#misses = misses;
  }

  add(result: ProbeResult): void {
    this.#results.push(result);
    if (this.#results.length > WINDOW) this.#results.shift();
    this.#missed = result === null ? this.#missed + 1 : 0;
    if (result !== null) this.#rttMs = result;
  }

  verdict(): ProbeVerdict {
    if (this.#results.length === 0) return NO_VERDICT;
    const lost = this.#results.filter((result) => result === null).length;
    const answered = this.#results.length - lost;
    const dead = this.#missed >= this.#misses;
    // Before a first answer a single miss proves nothing: the tunnel may be coming up.
    const passing = dead ? false : answered > 0 ? true : null;
    return { passing, rttMs: this.#rttMs, lossRatio: lost / this.#results.length };
  }
}
