import { SpacegateError } from "../../lib/errors.ts";
import { NOTHING, orInterrupted, type Story } from "../../lib/flow.ts";
import { changeText, endsSomething, type StackChange } from "./changes.ts";
import { readDatabase } from "./database.ts";
import type { PublishDeps } from "./deps.ts";
import { followStack } from "./follow-stack.ts";
import { readNetwork } from "./network.ts";
import { openRules } from "./open-rules.ts";
import { awaitAws, whileItGoesOn } from "./patience.ts";
import { type Findings, preflight } from "./preflight.ts";
import type { ShownChangeSet, ShownStack } from "./stack.ts";
import { isMoving, unfit, watchCommand } from "./standing.ts";
import { type PublishWanted, refuse } from "./wanted.ts";

export interface Published {
  readonly stack: ShownStack;
  /** Empty: there was nothing to change. */
  readonly changes: readonly StackChange[];
}

const parametersOf = (wanted: PublishWanted, { subnets }: Findings): Record<string, string> => ({
  FunctionName: wanted.functionName,
  RdsType: wanted.rdsType,
  RdsEndpoint: wanted.endpoint,
  RdsPort: String(wanted.port),
  VpcId: wanted.vpcId,
  SubnetIds: wanted.subnetIds.join(","),
  AvailabilityZones: subnets.map(({ zone }) => zone).join(","),
  AvailabilityZoneIds: subnets.map(({ zoneId }) => zoneId).join(","),
  SecurityGroupIds: wanted.securityGroupIds.join(","),
  PartnerAccountId: wanted.partnerAccount,
});

const look = async (wanted: PublishWanted, { api, signal, progress }: PublishDeps): Promise<Findings> => {
  const database = await readDatabase(wanted, api, signal);
  const groupIds = [...new Set([...wanted.securityGroupIds, ...(database?.securityGroupIds ?? [])])];
  const findings = preflight(wanted, database, await readNetwork({ vpcId: wanted.vpcId, groupIds }, api, signal));
  for (const note of findings.notes) progress.say(`Note: ${note}.`);
  if (findings.problems.length === 0) return findings;
  const lines = findings.problems.map((problem) => `  ${problem}`);
  throw refuse(["Nothing was changed, for this would not work:", ...lines].join("\n"), "Correct that and run it again.");
};

const running = (wanted: PublishWanted): Story => ({
  state: `CloudFormation goes on with the stack ${wanted.stack}.`,
  next: `Run the same command again to follow it, or: ${watchCommand(wanted)}`,
});

/** The stack as it stands, at rest; one that an earlier run left in motion is followed to its end. */
const current = async (wanted: PublishWanted, deps: PublishDeps): Promise<ShownStack | undefined> => {
  const shown = await deps.stack.describe(deps.signal);
  if (!shown) return undefined;
  const problem = unfit(shown, wanted);
  if (problem) throw problem;
  if (!isMoving(shown.status)) return shown;
  deps.progress.say(`The stack ${wanted.stack} is in motion already (${shown.status}): following that first.`);
  return orInterrupted(deps.signal, running(wanted), () => followStack(wanted, { before: new Set(), total: 0 }, deps));
};

/** CloudFormation's ways of saying that everything is as wanted. */
const NO_CHANGES = /didn't contain changes|No updates are to be performed/;

/** Waits for the change set. undefined: nothing is to be changed. */
const awaitChangeSet = async (deps: PublishDeps): Promise<ShownChangeSet | undefined> => {
  const { stack, changeSetName, signal } = deps;
  const look = async () => {
    const shown = await stack.changeSet(changeSetName, signal);
    if (!shown) return { seen: "the change set cannot be seen yet" };
    if (shown.status === "CREATE_COMPLETE" || shown.status === "FAILED") return { done: shown };
    return { seen: `the change set is ${shown.status}` };
  };
  const made = await awaitAws("the change set", look, deps);
  if (made.status !== "FAILED") return made;
  if (NO_CHANGES.test(made.reason)) return undefined;
  throw new SpacegateError("PUBLISH_FAILED", `CloudFormation made no change set: ${made.reason || "it gives no reason"}`, {
    fix: "Correct what it names and run the same command again. Nothing was changed.",
  });
};

const CLEANING_MS = 20_000;

/** Takes a change set that is not carried out away, and the empty shell of a stack that it may have brought about. */
const cleanUp = async ({ stack, changeSetName, progress }: PublishDeps, isNew: boolean): Promise<void> => {
  // Not the person's signal: cleaning up goes on after Ctrl-C.
  const signal = AbortSignal.timeout(CLEANING_MS);
  try {
    await stack.deleteChangeSet(changeSetName, signal);
    if (isNew && (await stack.describe(signal))?.status === "REVIEW_IN_PROGRESS") await stack.deleteShell(signal);
  } catch (thrown) {
    progress.say(`The change set ${changeSetName} of ${stack.name} could not be removed: ${String(thrown)}`);
  }
};

const IAM_SENTENCE =
  "It makes an IAM role with a name of its own (CAPABILITY_NAMED_IAM), which only the function can take: it may change this target group, read target health and write its log.";

/** Shows the change set; throws unless somebody says yes. */
const confirm = async (wanted: PublishWanted, { changes }: ShownChangeSet, deps: PublishDeps): Promise<void> => {
  const { progress, yes, ask } = deps;
  progress.say(`The stack ${wanted.stack} in ${wanted.region} would change so:`);
  for (const change of changes) progress.say(`  ${changeText(change)}`);
  progress.say(IAM_SENTENCE);
  if (changes.some(endsSomething)) progress.say("Something that is in use now goes away by this: see above.");
  if (yes) return;
  if (!ask)
    throw new SpacegateError(
      "OPTION_MISSING",
      "Without a terminal nobody can be asked whether to carry this out. Nothing was changed.",
      {
        fix: "Add --yes.",
      },
    );
  if (!(await ask("Carry this out?"))) throw refuse("It was not confirmed. Nothing was changed.", "Run the same command again.");
};

/** Carries the change set out and follows the stack to its end. */
const carryOut = async (
  wanted: PublishWanted,
  { made, isNew }: { readonly made: ShownChangeSet; readonly isNew: boolean },
  deps: PublishDeps,
): Promise<Published> => {
  const { stack, signal, changeSetName, progress } = deps;
  const before = new Set((isNew ? [] : await stack.events(signal)).map(({ id }) => id));
  const story = running(wanted);
  return orInterrupted(signal, story, () =>
    whileItGoesOn(story, async () => {
      await stack.execute(changeSetName, signal);
      progress.say("CloudFormation is at work; this takes about five minutes.");
      return { stack: await followStack(wanted, { before, total: made.changes.length }, deps), changes: made.changes };
    }),
  );
};

/** Makes the change set and shows it. undefined: there is nothing to change. */
const propose = async (
  wanted: PublishWanted,
  { isNew, findings }: { readonly isNew: boolean; readonly findings: Findings },
  deps: PublishDeps,
): Promise<ShownChangeSet | undefined> => {
  const { stack, signal, changeSetName, template } = deps;
  const asked = {
    name: changeSetName,
    type: isNew ? "CREATE" : "UPDATE",
    template,
    parameters: parametersOf(wanted, findings),
  } as const;
  await stack.createChangeSet(asked, signal);
  const made = await awaitChangeSet(deps);
  if (made) await confirm(wanted, made, deps);
  return made;
};

/** A change set that was made and is not carried out is taken away again, whatever the reason. */
const change = async (
  wanted: PublishWanted,
  { there, findings }: { readonly there: ShownStack | undefined; readonly findings: Findings },
  deps: PublishDeps,
): Promise<Published> => {
  const isNew = there === undefined || there.status === "REVIEW_IN_PROGRESS";
  let made: ShownChangeSet | undefined;
  try {
    made = await propose(wanted, { isNew, findings }, deps);
  } finally {
    if (!made) await cleanUp(deps, isNew);
  }
  if (made) return carryOut(wanted, { made, isNew }, deps);
  if (there) return { stack: there, changes: [] };
  throw new SpacegateError("PUBLISH_FAILED", "CloudFormation found nothing to create.", { fix: "Run the same command again." });
};

/** The story of whoever stops before the change set is carried out. */
const untouched = ({ rules }: Findings): Story => ({
  state:
    rules.length === 0
      ? "Nothing was changed."
      : "Nothing was changed, except for the security group's rules that are told above.",
  next: "Run the same command again.",
});

/** `spacegate privatelink publish-rds`: resolves with the stack once it is as wanted. */
export const publish = async (wanted: PublishWanted, deps: PublishDeps): Promise<Published> => {
  const findings = await orInterrupted(deps.signal, NOTHING, () => look(wanted, deps));
  return orInterrupted(deps.signal, untouched(findings), async () => {
    const there = await current(wanted, deps);
    await openRules(findings.rules, deps);
    return change(wanted, { there, findings }, deps);
  });
};
