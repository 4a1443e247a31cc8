import type { ProbeResult } from "./probe-target.ts";

/** What one tunnel's probes prove. */
export interface ProbeVerdict {
  /** null until there is enough to tell. */
  readonly passing: boolean | null;
  /** The newest round trip in milliseconds. */
  readonly rttMs: number | null;
  /** Share of unanswered probes in the window, 0..1. */
  readonly lossRatio: number | null;
  /** Probes of the window that were sent since the tunnel began to pass, and how many of these were lost. */
  readonly sent: number;
  readonly lost: number;
}

export const NO_VERDICT: ProbeVerdict = { passing: null, rttMs: null, lossRatio: null, sent: 0, lost: 0 };

const WINDOW = 100;

const countLost = (results: readonly ProbeResult[]): number => results.filter((result) => result === null).length;

/** The newest probes of one tunnel. `misses` unanswered ones in a row mean that it passes nothing; one answer means that it does. */
export class ProbeWindow {
  readonly #misses: number;
  readonly #results: ProbeResult[] = [];
  #missed = 0;
  /** Probes since the tunnel began to pass. */
  #sent = 0;
  #rttMs: number | null = null;

  constructor(misses: number) {
    this.#misses = misses;
  }

  add(result: ProbeResult): void {
    const before = this.#passing();
    this.#results.push(result);
    if (this.#results.length > WINDOW) this.#results.shift();
    this.#missed = result === null ? this.#missed + 1 : 0;
    if (result !== null) this.#rttMs = result;
    this.#sent = before === true ? this.#sent + 1 : 1;
  }

  verdict(): ProbeVerdict {
    if (this.#results.length === 0) return NO_VERDICT;
    const sent = Math.min(this.#sent, this.#results.length);
    return {
      passing: this.#passing(),
      rttMs: this.#rttMs,
      lossRatio: countLost(this.#results) / this.#results.length,
      sent,
      lost: countLost(this.#results.slice(-sent)),
    };
  }

  #passing(): boolean | null {
    if (this.#missed >= this.#misses) return false;
    // Before a first answer a single miss proves nothing: the tunnel may be coming up.
    return this.#results.some((result) => result !== null) ? true : null;
  }
}
