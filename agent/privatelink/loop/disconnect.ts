import { type Look, Teller, type WaitDeps, waitFor } from "../../lib/flow.ts";
import type { LinkWanted } from "../../model/privatelink.ts";
import { describeLinkStep } from "../../model/privatelink-step-text.ts";
import { planDisconnect } from "../plan/disconnect.ts";
import { linkPass, type PassAws } from "./link-pass.ts";
import { LinkMemory } from "./memory.ts";

export interface DisconnectDeps extends WaitDeps {
  readonly aws: PassAws;
  readonly pollMs: number;
  readonly command: string;
}

/** `spacegate privatelink disconnect`: resolves with what was deleted once nothing of the link is left in AWS. */
export const disconnect = (wanted: LinkWanted, deps: DisconnectDeps): Promise<readonly string[]> => {
  const { aws, clock, signal, progress, pollMs } = deps;
  const deleted: string[] = [];
  const memory = new LinkMemory(clock);
  const look = async (): Promise<Look<readonly string[]>> => {
    const { plan } = await linkPass(wanted, undefined, (_wanted, observed) => planDisconnect(observed), {
      aws,
      memory,
      clock,
      signal,
      onStep: (step) => {
        deleted.push(describeLinkStep(step));
        progress.say(`AWS: ${describeLinkStep(step)}`);
      },
    });
    if (plan.waitingFor !== "") return { seen: `Waiting for ${plan.waitingFor}` };
    return plan.steps.length > 0
      ? { seen: `Waiting for AWS to ${plan.steps.map((step) => describeLinkStep(step)).join(", ")}` }
      : { done: [...new Set(deleted)] };
  };
  const teller = new Teller();
  return teller.run(signal, () => {
    teller.at({ state: `What is left of ${wanted.name} stays.`, next: `The same command goes on: ${deps.command}` });
    return waitFor({ what: `AWS to delete ${wanted.name}`, pollMs, tooLate: "PRIVATELINK_TIMEOUT" }, look, deps);
  });
};
