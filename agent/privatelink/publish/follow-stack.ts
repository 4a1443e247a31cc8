import { SpacegateError } from "../../lib/errors.ts";
import type { PublishDeps } from "./deps.ts";
import { eventText, firstFailure, newEvents, progressText, type StackEvent } from "./events.ts";
import { awaitAws } from "./patience.ts";
import type { ShownStack } from "./stack.ts";
import { isGood, isMoving, watchCommand } from "./standing.ts";
import type { PublishWanted } from "./wanted.ts";

const failed = (wanted: PublishWanted, { status, reason }: ShownStack, events: readonly StackEvent[]): SpacegateError => {
  const first = firstFailure(events);
  const why = first ? eventText(first) : reason || "CloudFormation gives no reason";
  const next =
    status === "ROLLBACK_COMPLETE"
      ? `Delete what is left of it: aws cloudformation delete-stack --stack-name ${wanted.stack} --region ${wanted.region}\nand run the same command again.`
      : `All that happened: ${watchCommand(wanted)}`;
  return new SpacegateError("PUBLISH_FAILED", `The stack ${wanted.stack} ended in ${status}. What failed first: ${why}`, {
    fix: `Correct that. ${next}`,
    details: { status, resource: first?.logicalId ?? "", reason: first?.reason ?? "" },
  });
};

/** A stack whose first event has just come may not be seen by every question yet. */
const NOT_YET = "CloudFormation does not show the stack yet";

/**
 * Tells what happens to the stack, resource by resource, until it is at rest. `before`: ids of the events that belong to earlier
 * changes. Rejects with PUBLISH_FAILED, with what failed first, and with PUBLISH_TIMEOUT.
 */
export const followStack = async (
  wanted: PublishWanted,
  { before, total }: { readonly before: ReadonlySet<string>; readonly total: number },
  deps: PublishDeps,
): Promise<ShownStack> => {
  const { stack, progress, signal } = deps;
  const told = new Set(before);
  const look = async () => {
    const shown = await stack.describe(signal);
    if (!shown) return { seen: NOT_YET };
    const events = newEvents(await stack.events(signal), before);
    for (const event of newEvents(events, told)) {
      told.add(event.id);
      if (!event.status.endsWith("_IN_PROGRESS")) progress.say(`  ${eventText(event)}`);
    }
    if (events.length === 0) return { seen: NOT_YET };
    if (isMoving(shown.status) || shown.status === "REVIEW_IN_PROGRESS") return { seen: progressText(events, total) };
    return { done: { shown, events } };
  };
  const { shown, events } = await awaitAws(`the stack ${wanted.stack}`, look, deps);
  if (!isGood(shown.status)) throw failed(wanted, shown, events);
  return shown;
};
