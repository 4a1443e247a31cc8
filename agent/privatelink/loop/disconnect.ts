import { type Look, Teller, type WaitDeps, waitFor } from "../../lib/flow.ts";
import type { Endpoint } from "../../model/privatelink.ts";
import type { LinkGroup } from "../../model/privatelink-plan.ts";
import { describeLinkStep } from "../../model/privatelink-step-text.ts";
import { applyLinkStep } from "../apply/executors.ts";
import type { LinkLookup, LinkWriter } from "../apply/seams.ts";
import { planDisconnect } from "../plan/disconnect.ts";

interface DisconnectAws {
  readonly reader: LinkLookup & {
    ofLink(linkName: string, signal: AbortSignal): Promise<readonly Endpoint[]>;
    groupsOfLink(linkName: string, signal: AbortSignal): Promise<readonly LinkGroup[]>;
  };
  readonly writer: LinkWriter;
}

export interface DisconnectDeps extends WaitDeps {
  readonly aws: DisconnectAws;
  /** Milliseconds between two questions. */
  readonly pollMs: number;
  /** The exact command that goes on. */
  readonly command: string;
}

/** Deletes what can be deleted now; done when nothing that bears the link's tag is left. */
const look = async (linkName: string, deleted: Set<string>, deps: DisconnectDeps): Promise<Look<readonly string[]>> => {
  const { aws, clock, signal, progress } = deps;
  const [endpoints, groups] = await Promise.all([aws.reader.ofLink(linkName, signal), aws.reader.groupsOfLink(linkName, signal)]);
  const { steps, waitingFor } = planDisconnect({ endpoints, groups });
  for (const step of steps) {
    const text = describeLinkStep(step);
    if (!deleted.has(text)) progress.say(`AWS: ${text}`);
    await applyLinkStep(step, { ...aws, clock, signal });
    deleted.add(text);
  }
  if (steps.length === 0 && waitingFor === "") return { done: [...deleted] };
  return { seen: `Waiting for ${waitingFor || `AWS to ${steps.map((step) => describeLinkStep(step)).join(", ")}`}` };
};

/**
 * `spacegate privatelink disconnect`: resolves with what was deleted, in words, once nothing in the region bears the link's tag.
 * Rejects with AWS_…, also with AWS's reason for an endpoint that it does not delete.
 */
export const disconnect = (linkName: string, deps: DisconnectDeps): Promise<readonly string[]> => {
  const deleted = new Set<string>();
  const teller = new Teller();
  return teller.run(deps.signal, () => {
    teller.at({ state: `What is left of ${linkName} stays.`, next: `The same command goes on: ${deps.command}` });
    const waiting = { what: `AWS to delete ${linkName}`, pollMs: deps.pollMs, tooLate: "PRIVATELINK_TIMEOUT" } as const;
    return waitFor(waiting, () => look(linkName, deleted, deps), deps);
  });
};
