import type { Observed } from "../model/observed.ts";
import type { GatewayDeps } from "./gateway-deps.ts";
import type { Liveness } from "./liveness.ts";
import { asError, carryOut, type PassOutcome, type PassPlan } from "./pass.ts";
import type { PassLog } from "./pass-log.ts";
import { assumeCharon, type Planner } from "./planner.ts";
import type { SaBook } from "./sa-book.ts";
import type { Steering } from "./steering.ts";

interface Parts {
  readonly deps: Pick<GatewayDeps, "clock" | "applies" | "execute">;
  readonly log: PassLog;
  readonly planner: Planner;
  readonly sas: SaBook;
  readonly liveness: Liveness;
  readonly steering: Steering;
}

/** The gateway's slow activity: looks at the whole host and carries out what is missing. One pass at a time is the caller's care. */
export class PassRunner {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Resolves to whether another pass has to prove what this one did. Failures are in the pass log. */
  async run(): Promise<boolean> {
    const { deps, log } = this.#parts;
    const started = deps.clock.monotonic();
    const failed = (thrown: unknown): PassOutcome => ({ done: [], error: asError(thrown), asides: log.asides });
    const outcome = await this.#prepareAndCarryOut().catch(failed);
    log.noteAsides(outcome.asides);
    return log.end(deps.clock.monotonic() - started, outcome.done.length, outcome.error ?? null);
  }

  /** What a pass would change now, with charon running if it does not. Nothing is changed. */
  async preview(): Promise<PassPlan> {
    const plan = await this.#prepare(assumeCharon);
    this.#parts.log.end(0, 0, null);
    return plan;
  }

  async #prepareAndCarryOut(): Promise<PassOutcome> {
    const { deps, log, liveness, steering } = this.#parts;
    const plan = await this.#prepare();
    liveness.noteRebuilt(plan.result.desired.tunnels.filter(({ conn }) => plan.hopeless.includes(conn)));
    log.noteDrift(plan);
    return carryOut({ ...plan, steps: plan.steps.filter(deps.applies) }, async (step) => {
      if (steering.isCurrent(step, plan)) await deps.execute(step);
    });
  }

  async #prepare(assume?: (observed: Observed) => Observed): Promise<PassPlan> {
    const { planner, sas } = this.#parts;
    const plan = await planner.prepare(assume);
    // The SAs that the plan was made from are older than the newest look by now: only looks tell how the tunnels are.
    // A question that fails says nothing about the tunnels: a dead charon is told by its own event.
    if (planner.charon.kind === "absent") sas.lose();
    else await sas.ask().catch(() => undefined);
    return plan;
  }
}
