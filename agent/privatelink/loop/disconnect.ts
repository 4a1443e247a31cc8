import { SpacegateError } from "../../lib/errors.ts";
import { AWS_INCIDENTS, type Look, Teller, type WaitDeps, waitFor } from "../../lib/flow.ts";
import type { Endpoint } from "../../model/privatelink.ts";
import type { LinkGroup, LinkStep } from "../../model/privatelink-plan.ts";
import { describeLinkStep } from "../../model/privatelink-step-text.ts";
import { applyLinkStep } from "../apply/executors.ts";
import type { LinkLookup, LinkWriter } from "../apply/seams.ts";
import { type LinkOwned, planDisconnect } from "../plan/disconnect.ts";

interface DisconnectAws {
  readonly reader: LinkLookup & {
    /** Rejects when it is not AWS that answers. */
    identity(signal: AbortSignal): Promise<unknown>;
    ofLink(linkName: string, signal: AbortSignal): Promise<readonly Endpoint[]>;
    groupsOfLink(linkName: string, signal: AbortSignal): Promise<readonly LinkGroup[]>;
  };
  readonly writer: LinkWriter;
}

export interface DisconnectDeps extends WaitDeps {
  readonly aws: DisconnectAws;
  /** Only in this VPC; undefined: wherever it is, when that is one. */
  readonly vpcId: string | undefined;
  /** Milliseconds between two questions. */
  readonly pollMs: number;
  /** The exact command that goes on. */
  readonly command: string;
}

/** Names are unique on one gateway only: another one's link of the same name is not touched unless its VPC is named. */
const owned = async (linkName: string, { aws, vpcId, signal }: DisconnectDeps): Promise<LinkOwned> => {
  // Nothing to be seen counts as gone, so who answers has to be AWS.
  await aws.reader.identity(signal);
  const [endpoints, groups] = await Promise.all([aws.reader.ofLink(linkName, signal), aws.reader.groupsOfLink(linkName, signal)]);
  const vpcs = [...new Set([...endpoints, ...groups].map((one) => one.vpcId))];
  if (vpcId === undefined && vpcs.length > 1)
    throw new SpacegateError("PRIVATELINK_REFUSED", `Links of the name ${linkName} are in several VPCs: ${vpcs.join(", ")}.`, {
      fix: "Say with --vpc which one is meant.",
    });
  const isMeant = (one: { readonly vpcId: string }): boolean => vpcId === undefined || one.vpcId === vpcId;
  return { endpoints: endpoints.filter(isMeant), groups: groups.filter(isMeant) };
};

/** What one step is refused with keeps no other one from being tried; the first refusal is thrown when all were. */
const deleteAll = async (steps: readonly LinkStep[], asked: Set<string>, deps: DisconnectDeps): Promise<void> => {
  const { aws, clock, signal, progress } = deps;
  const refusals: unknown[] = [];
  for (const step of steps) {
    const text = describeLinkStep(step);
    if (!asked.has(text)) progress.say(`AWS: ${text}`);
    await applyLinkStep(step, { ...aws, clock, signal }).catch((thrown: unknown) => void refusals.push(thrown));
    signal.throwIfAborted();
    asked.add(text);
  }
  if (refusals.length > 0) throw refusals[0];
};

/** A group that was asked for before is still there because something uses it, be it the endpoint's interfaces or another's. */
const waitingText = (step: LinkStep, again: boolean): string =>
  again && step.kind === "delete-security-group"
    ? `whatever still uses ${step.groupId}: aws ec2 describe-network-interfaces --filters Name=group-id,Values=${step.groupId}`
    : `AWS to ${describeLinkStep(step)}`;

/** Deletes what can be deleted now; done when nothing that bears the link's tag is left. */
const look = async (linkName: string, asked: Set<string>, deps: DisconnectDeps): Promise<Look<readonly string[]>> => {
  const { steps, waitingFor } = planDisconnect(await owned(linkName, deps));
  const texts = steps.map((step) => waitingText(step, asked.has(describeLinkStep(step))));
  await deleteAll(steps, asked, deps);
  if (steps.length === 0 && waitingFor === "") return { done: [...asked] };
  return { seen: `Waiting for ${waitingFor || texts.join(", ")}` };
};

/**
 * `spacegate privatelink disconnect`: resolves with what was deleted, in words, once nothing of it is left.
 * Rejects with AWS_…, also with AWS's reason for an endpoint that it does not delete.
 */
export const disconnect = (linkName: string, deps: DisconnectDeps): Promise<readonly string[]> => {
  const asked = new Set<string>();
  const teller = new Teller();
  return teller.run(deps.signal, () => {
    teller.at({ state: `What is left of ${linkName} stays.`, next: `The same command goes on: ${deps.command}` });
    const waiting = { what: `AWS to delete ${linkName}`, pollMs: deps.pollMs, tooLate: "PRIVATELINK_TIMEOUT" } as const;
    return waitFor({ ...waiting, incidents: AWS_INCIDENTS }, () => look(linkName, asked, deps), deps);
  });
};
