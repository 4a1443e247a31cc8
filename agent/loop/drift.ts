import type { Step, StepKind } from "../model/step.ts";
import type { PassPlan } from "./pass.ts";

/** What somebody else must have undone, when nothing that the agent goes by has changed. */
const HOST_KINDS: ReadonlySet<StepKind> = new Set([
  "write-file",
  "add-link",
  "change-link",
  "delete-link",
  "set-sysctl",
  "replace-route",
  "delete-route",
  "add-rule",
  "delete-rule",
  "apply-firewall",
  "remove-firewall",
]);

/** What a pass goes by, as one text; the fingerprints stand for the PSKs. */
const goal = ({ result, files, firewall }: PassPlan): string =>
  JSON.stringify([result.desired, result.missing, firewall, files.map(({ path, mode, shown }) => [path, mode, shown])]);

/** Tells repairs of what somebody changed from the agent's own changes. */
export class DriftWatch {
  #goal = "";
  #settled = false;

  /** The steps of this pass that put somebody's changes right. */
  drifted(plan: PassPlan): readonly Step[] {
    const now = goal(plan);
    const steps = this.#settled && now === this.#goal ? plan.steps.filter(({ kind }) => HOST_KINDS.has(kind)) : [];
    this.#settled = plan.steps.length === 0;
    this.#goal = now;
    return steps;
  }
}
