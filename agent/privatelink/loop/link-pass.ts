import type { Clock } from "../../lib/clock.ts";
import type { HerokuLink, LinkWanted } from "../../model/privatelink.ts";
import type { LinkObserved, LinkPlan, LinkStep } from "../../model/privatelink-plan.ts";
import { applyLinkStep } from "../apply/executors.ts";
import type { LinkLookup, LinkWriter } from "../apply/seams.ts";
import { planLink } from "../plan/plan.ts";
import type { LinkMemory } from "./memory.ts";

/** AWS as a pass needs it. */
export interface PassAws {
  readonly reader: LinkLookup;
  readonly writer: LinkWriter;
  observe(wanted: LinkWanted, heroku: HerokuLink | undefined, signal: AbortSignal): Promise<LinkObserved>;
}

export interface PassDeps {
  readonly aws: PassAws;
  readonly memory: LinkMemory;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told before each change. */
  readonly onStep?: (step: LinkStep) => void;
}

export interface PassResult {
  readonly observed: LinkObserved;
  readonly plan: LinkPlan;
}

/** Looks at everything anew and does what can be done now. With an empty list of steps it has only read. */
export const linkPass = async (
  wanted: LinkWanted,
  heroku: HerokuLink | undefined,
  { aws, memory, clock, signal, onStep }: PassDeps,
): Promise<PassResult> => {
  const observed = memory.complete(await aws.observe(wanted, heroku, signal));
  const plan = planLink(wanted, observed);
  for (const step of plan.steps) {
    signal.throwIfAborted();
    onStep?.(step);
    const made = await applyLinkStep(step, { writer: aws.writer, reader: aws.reader, clock, signal });
    if (made) memory.remember(made);
  }
  return { observed, plan };
};
