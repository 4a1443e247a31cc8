import { isAwsRefusal } from "../../lib/aws-error.ts";
import type { LinkMade, LinkStep, LinkStepKind } from "../../model/privatelink-plan.ts";
import { createEndpoint } from "./create-endpoint.ts";
import { authorize, createGroup, deleteGroup, revoke } from "./groups.ts";
import type { LinkApplyDeps } from "./seams.ts";

type StepOf<Kind extends LinkStepKind> = Extract<LinkStep, { kind: Kind }>;
type Executors = { readonly [Kind in LinkStepKind]: (step: StepOf<Kind>, deps: LinkApplyDeps) => Promise<LinkMade | undefined> };

const nothing = async (done: Promise<void>): Promise<undefined> => {
  await done;
  return undefined;
};

/** It is at work on an earlier change, or has gone since it was looked at: the next pass sees how it is then. */
const modify = async ({ endpointId, change }: StepOf<"modify-endpoint">, { writer, signal }: LinkApplyDeps): Promise<void> => {
  try {
    await writer.modifyEndpoint(endpointId, change, signal);
  } catch (thrown) {
    if (!isAwsRefusal(thrown, "IncorrectState", "InvalidVpcEndpointId.NotFound")) throw thrown;
  }
};

const remove = async ({ endpointId }: StepOf<"delete-endpoint">, { writer, signal }: LinkApplyDeps): Promise<void> => {
  try {
    await writer.deleteEndpoint(endpointId, signal);
  } catch (thrown) {
    if (!isAwsRefusal(thrown, "InvalidVpcEndpoint.NotFound", "InvalidVpcEndpointId.NotFound")) throw thrown;
  }
};

const EXECUTORS: Executors = {
  "create-security-group": async (step, deps) => ({ group: await createGroup(step, deps) }),
  "authorize-ingress": (step, deps) => nothing(authorize(step, deps)),
  "revoke-ingress": (step, deps) => nothing(revoke(step, deps)),
  "create-endpoint": async ({ request }, deps) => ({ endpoint: await createEndpoint(request, deps) }),
  "modify-endpoint": (step, deps) => nothing(modify(step, deps)),
  "delete-endpoint": (step, deps) => nothing(remove(step, deps)),
  "delete-security-group": (step, deps) => nothing(deleteGroup(step, deps)),
};

/** Carries out one step; may be called again with the same one. Resolves with what it made, which AWS may not show for a while. */
export const applyLinkStep = <Kind extends LinkStepKind>(
  step: StepOf<Kind>,
  deps: LinkApplyDeps,
): Promise<LinkMade | undefined> => (EXECUTORS[step.kind] as Executors[Kind])(step, deps);
