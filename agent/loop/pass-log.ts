import type { Clock } from "../lib/clock.ts";
import type { SpacegateError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { Status } from "../model/status.ts";
import { describeStep } from "../model/step-text.ts";
import { DriftWatch } from "./drift.ts";
import type { Aside, PassPlan } from "./pass.ts";

/** So many passes in a row may each find something to change before the next one waits for its time. */
const MAX_PROOFS = 5;

/** How the passes went. */
export class PassLog {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #drift = new DriftWatch();
  #counts: Status["passes"] = { total: 0, failed: 0, changes: 0, driftRepairs: 0, lastMs: 0, lastAt: null, lastError: null };
  #error: SpacegateError | null = null;
  #asides: readonly Aside[] = [];
  #proofs = 0;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  get counts(): Status["passes"] {
    return this.#counts;
  }

  /** What ended the newest pass early. */
  get error(): SpacegateError | null {
    return this.#error;
  }

  /** What the newest pass could not do beside the tunnels. */
  get asides(): readonly Aside[] {
    return this.#asides;
  }

  /** What went wrong beside the tunnels is told once, for as long as it says the same. */
  noteAsides(asides: readonly Aside[]): void {
    const told = new Set(this.#asides.map(({ error }) => error.message));
    for (const { error } of asides)
      if (!told.has(error.message)) this.#log.warn({ code: error.code, fix: error.fix }, error.message);
    this.#asides = asides;
  }

  /** Tells and counts what a plan says that somebody else has changed. */
  noteDrift(plan: PassPlan): void {
    const drifted = this.#drift.drifted(plan);
    if (drifted.length === 0) return;
    this.#counts = { ...this.#counts, driftRepairs: this.#counts.driftRepairs + drifted.length };
    const words = drifted.map(describeStep).join("; ");
    this.#log.warn({ steps: drifted.length }, `somebody changed what is the agent's; it is put right: ${words}`);
  }

  /**
   * A pass is over. Returns whether another should prove what it changed: what a step changed is not believed, but a host
   * that never settles is left to the ordinary rhythm.
   */
  end(ms: number, changes: number, error: SpacegateError | null): boolean {
    if (error && error.message !== this.#counts.lastError) this.#log.error({ code: error.code, fix: error.fix }, error.message);
    this.#log.debug({ ms: Math.round(ms), changes }, changes === 0 ? "a pass found nothing to do" : "a pass is over");
    this.#error = error;
    this.#counts = {
      ...this.#counts,
      total: this.#counts.total + 1,
      failed: this.#counts.failed + (error ? 1 : 0),
      changes: this.#counts.changes + changes,
      lastMs: ms,
      lastAt: this.#clock.now(),
      lastError: error?.message ?? null,
    };
    const changed = changes > 0 && !error;
    this.#proofs = changed ? this.#proofs + 1 : 0;
    return changed && this.#proofs <= MAX_PROOFS;
  }
}
