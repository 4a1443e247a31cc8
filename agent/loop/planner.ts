import type { DesiredTunnel } from "../model/desired.ts";
import type { Observed, ObservedCharon } from "../model/observed.ts";
import type { Settings } from "../model/settings.ts";
import { countsOf } from "../plan/firewall-steps.ts";
import type { GatewayDeps } from "./gateway-deps.ts";
import type { Liveness } from "./liveness.ts";
import { lookOut, NO_OUTLOOK, type Outlook, passInput } from "./outlook.ts";
import { type Observe, type PassPlan, preparePass } from "./pass.ts";
import type { Steering } from "./steering.ts";

export interface PlannerDeps {
  readonly deps: GatewayDeps;
  readonly liveness: Liveness;
  readonly steering: Steering;
  /** Those in force at that moment. */
  readonly settings: () => Settings;
}

/** For a preview: what would be planned if charon ran with nothing loaded. */
export const assumeCharon = (observed: Observed): Observed =>
  observed.charon.kind === "running"
    ? observed
    : { ...observed, charon: { kind: "running", version: "", via: "vici", conns: [], sas: [] } };

const refusalsIn = ({ observed }: PassPlan): number => countsOf(observed).forward_refused?.packets ?? 0;

/** Prepares passes, and keeps what the newest one has found and planned. */
export class Planner {
  readonly #own: PlannerDeps;
  #outlook: Outlook = NO_OUTLOOK;
  #plan: PassPlan | undefined;
  #newRefusals = 0;
  #charon: ObservedCharon = { kind: "absent", why: "it has not been asked yet" };

  constructor(own: PlannerDeps) {
    this.#own = own;
  }

  get outlook(): Outlook {
    return this.#outlook;
  }

  /** undefined before the first pass. */
  get plan(): PassPlan | undefined {
    return this.#plan;
  }

  /** As it was found, never as it was assumed to be. */
  get charon(): ObservedCharon {
    return this.#charon;
  }

  /** Packets that the firewall did not forward between the newest two looks. */
  get newRefusals(): number {
    return this.#newRefusals;
  }

  get tunnels(): readonly DesiredTunnel[] {
    return this.#plan?.result.desired.tunnels ?? [];
  }

  charonLost(why: string): void {
    this.#charon = { kind: "absent", why };
  }

  /** Looks at the host and plans. `assume` alters what the plan is made from. */
  async prepare(assume: (observed: Observed) => Observed = (observed) => observed): Promise<PassPlan> {
    const { deps, steering, settings } = this.#own;
    this.#outlook = await lookOut(deps, this.#outlook);
    let charon = this.#charon;
    const look: Observe = async (desired, files) => {
      const observed = await deps.observe(desired, files);
      charon = observed.charon;
      return assume(observed);
    };
    let plan = await this.#planFrom(look);
    if (steering.adopt(plan.result.desired.tunnels, settings(), plan.observed)) plan = await this.#planFrom(look);
    const refused = refusalsIn(plan);
    // The first look does not know since when they were counted.
    this.#newRefusals = Math.max(0, refused - (this.#plan ? refusalsIn(this.#plan) : refused));
    this.#plan = plan;
    this.#charon = charon;
    return plan;
  }

  async #planFrom(observe: Observe): Promise<PassPlan> {
    const { deps, liveness, steering, settings } = this.#own;
    return preparePass(await passInput(deps, { settings: settings(), outlook: this.#outlook, liveness, steering }), observe);
  }
}
