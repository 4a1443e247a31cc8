import type { Step } from "../../agent/model/step.ts";
import { describeStep } from "../../agent/model/step-text.ts";

/** The steps as the agent's log words them, one line each. */
export const lines = (steps: readonly Step[]): string[] => steps.map(describeStep);

/** Only the steps of these kinds. */
export const only = (steps: readonly Step[], ...kinds: Step["kind"][]): string[] =>
  lines(steps.filter((step) => kinds.includes(step.kind)));
