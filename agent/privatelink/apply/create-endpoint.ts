import { isAwsRefusal } from "../../lib/aws-error.ts";
import { SpacegateError } from "../../lib/errors.ts";
import type { Endpoint } from "../../model/privatelink.ts";
import type { EndpointRequest } from "../../model/privatelink-plan.ts";
import { clientToken } from "./client-token.ts";
import type { LinkApplyDeps } from "./seams.ts";
import { onceGroupKnown, untilShown } from "./until.ts";

/** More deletions than AWS remembers tokens for. */
const GENERATIONS = 64;

/** One that was made longer ago than this is shown, or is gone. Clocks may differ by much of it. */
const FRESH_MS = 10 * 60_000;

/** Looked for no longer than this, for whoever connects again waits so long for each one that was deleted before. */
const OLD_SHOWN_WITHIN_MS = 10_000;

const isGone = ({ state }: Endpoint): boolean => ["deleting", "deleted"].includes(state.toLowerCase());

/** AWS repeats its first answer to a token: whether the endpoint is still there is another question. */
const stillThere = async (answered: Endpoint, deps: LinkApplyDeps): Promise<Endpoint | undefined> => {
  if (isGone(answered)) return undefined;
  if (answered.createdAt === null || deps.clock.now() - answered.createdAt < FRESH_MS) return answered;
  const shown = await untilShown(() => deps.reader.endpoint(answered.id, deps.signal), deps, OLD_SHOWN_WITHIN_MS);
  return shown && !isGone(shown) ? shown : undefined;
};

/** The token was used for a request that differs in what can be changed later: that endpoint comes into sight, or is gone. */
const madeOtherwise = (asked: EndpointRequest, deps: LinkApplyDeps): Promise<Endpoint | undefined> =>
  untilShown(async () => {
    const own = await deps.reader.ofLink(asked.linkName, deps.signal);
    return own.find((one) => one.vpcId === asked.vpcId && one.serviceName === asked.serviceName && !isGone(one));
  }, deps);

const create = async (asked: EndpointRequest, generation: number, deps: LinkApplyDeps): Promise<Endpoint | undefined> => {
  try {
    const token = clientToken(asked, generation);
    const answered = await onceGroupKnown(() => deps.writer.createEndpoint(asked, token, deps.signal), deps);
    return await stillThere(answered, deps);
  } catch (thrown) {
    if (isAwsRefusal(thrown, "IdempotentParameterMismatch")) return madeOtherwise(asked, deps);
    throw thrown;
  }
};

/**
 * Makes the endpoint, or finds the one that an earlier request made, also one of a process that was killed before it heard the
 * answer: the chain of tokens is the same for everybody, so it leads everybody to the same endpoint.
 */
export const createEndpoint = async (asked: EndpointRequest, deps: LinkApplyDeps): Promise<Endpoint> => {
  for (let generation = 0; generation < GENERATIONS; generation++) {
    const endpoint = await create(asked, generation, deps);
    if (endpoint) return endpoint;
  }
  throw new SpacegateError("LINK_FAILED", `AWS has made and lost ${GENERATIONS} endpoints for ${asked.linkName}.`, {
    fix: "See who deletes them (CloudTrail, DeleteVpcEndpoints), and try again in a day.",
  });
};
