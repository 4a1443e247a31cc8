import { isAwsRefusal } from "../../lib/aws-error.ts";
import { SpacegateError } from "../../lib/errors.ts";
import { LINK_TAG } from "../../model/privatelink.ts";
import type { LinkGroup, LinkStep } from "../../model/privatelink-plan.ts";
import type { LinkApplyDeps } from "./seams.ts";
import { onceGroupKnown, untilShown } from "./until.ts";

type StepOf<Kind extends LinkStep["kind"]> = Extract<LinkStep, { kind: Kind }>;

/** A group of that name is there although it was not shown: the one that an earlier request made. */
const existing = async (step: StepOf<"create-security-group">, deps: LinkApplyDeps, cause: unknown): Promise<LinkGroup> => {
  const found = await untilShown(() => deps.reader.group(step.vpcId, step.name, deps.signal), deps);
  if (found && found.tags[LINK_TAG] === step.tags[LINK_TAG]) return found;
  throw new SpacegateError("LINK_FOREIGN", `${step.vpcId} has a security group ${step.name} that the agent did not make.`, {
    fix: "Rename the link, or remove that group.",
    cause,
  });
};

export const createGroup = async (step: StepOf<"create-security-group">, deps: LinkApplyDeps): Promise<LinkGroup> => {
  try {
    return await deps.writer.createGroup(step, deps.signal);
  } catch (thrown) {
    if (isAwsRefusal(thrown, "InvalidGroup.Duplicate")) return existing(step, deps, thrown);
    throw thrown;
  }
};

const unlessThere = async (act: () => Promise<void>): Promise<void> => {
  try {
    await act();
  } catch (thrown) {
    if (!isAwsRefusal(thrown, "InvalidPermission.Duplicate")) throw thrown;
  }
};

/** One rule that is there already makes AWS refuse all: then each is asked for by itself. */
export const authorize = async ({ groupId, port, cidrs }: StepOf<"authorize-ingress">, deps: LinkApplyDeps): Promise<void> => {
  const ask = (blocks: readonly string[]) =>
    onceGroupKnown(() => deps.writer.authorize(groupId, port, blocks, deps.signal), deps);
  try {
    await ask(cidrs);
  } catch (thrown) {
    if (!isAwsRefusal(thrown, "InvalidPermission.Duplicate")) throw thrown;
    for (const cidr of cidrs) await unlessThere(() => ask([cidr]));
  }
};

/** Rules that somebody else has taken away are away. */
export const revoke = async ({ groupId, rules }: StepOf<"revoke-ingress">, deps: LinkApplyDeps): Promise<void> => {
  for (const { id } of rules) {
    try {
      await deps.writer.revoke(groupId, [id], deps.signal);
    } catch (thrown) {
      if (!isAwsRefusal(thrown, "InvalidPermission.NotFound", "InvalidSecurityGroupRuleId.NotFound")) throw thrown;
    }
  }
};

/** Gone is gone. One that network interfaces still hold stays for the next pass. */
export const deleteGroup = async ({ groupId }: StepOf<"delete-security-group">, deps: LinkApplyDeps): Promise<void> => {
  try {
    await deps.writer.deleteGroup(groupId, deps.signal);
  } catch (thrown) {
    if (!isAwsRefusal(thrown, "InvalidGroup.NotFound", "InvalidGroupId.NotFound", "DependencyViolation")) throw thrown;
  }
};
