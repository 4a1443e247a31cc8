import type { SpacegateError } from "../../lib/errors.ts";
import type { ShownStack } from "./stack.ts";
import { type PublishWanted, refuse } from "./wanted.ts";

/** The beginning of the template's description: by it this command knows its own stacks. */
const OWN = "spacegate: publishes an RDS database";

const aws = (verb: string, { stack, region }: PublishWanted): string =>
  `aws cloudformation ${verb} --stack-name ${stack} --region ${region}`;

/** Where a stack lists what happens to it. */
export const watchCommand = (wanted: PublishWanted): string => aws("describe-stack-events", wanted);

export const isMoving = (status: string): boolean => status.endsWith("_IN_PROGRESS") && status !== "REVIEW_IN_PROGRESS";

export const isGood = (status: string): boolean => ["CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"].includes(status);

/** What has to be done by hand first, by the stack's state. */
const STUCK: Readonly<Record<string, (wanted: PublishWanted) => readonly [why: string, fix: string]>> = {
  ROLLBACK_COMPLETE: (wanted) => [
    "its first creation failed and was taken back, and CloudFormation lets such a stack only be deleted",
    `Delete it: ${aws("delete-stack", wanted)}\nand run the same command again.`,
  ],
  ROLLBACK_FAILED: (wanted) => [
    "its first creation failed and could not be taken back whole",
    `See what is left: ${watchCommand(wanted)}\ndelete it: ${aws("delete-stack", wanted)}\nand run the same command again.`,
  ],
  CREATE_FAILED: (wanted) => [
    "its creation failed",
    `Delete it: ${aws("delete-stack", wanted)}\nand run the same command again.`,
  ],
  DELETE_FAILED: (wanted) => [
    "somebody tried to delete it, and something could not be deleted",
    `See what: ${watchCommand(wanted)}\nthen: ${aws("delete-stack", wanted)}`,
  ],
  UPDATE_ROLLBACK_FAILED: (wanted) => [
    "an update failed and could not be taken back whole",
    `See what is in the way: ${watchCommand(wanted)}\nthen: ${aws("continue-update-rollback", wanted)}`,
  ],
};

/** Why a stack that is at rest cannot be changed; undefined when it can. */
export const unfit = (stack: ShownStack, wanted: PublishWanted): SpacegateError | undefined => {
  if (stack.status === "REVIEW_IN_PROGRESS") return undefined;
  if (!stack.description.startsWith(OWN))
    return refuse(
      `The stack ${wanted.stack} is there already and publishes no database: this command does not touch it.`,
      "Choose another name with --stack.",
    );
  const stuck = STUCK[stack.status]?.(wanted);
  return stuck && refuse(`The stack ${wanted.stack} is in ${stack.status}: ${stuck[0]}.`, stuck[1]);
};
