import type { Endpoint, LinkWanted } from "../../model/privatelink.ts";
import type { LinkObserved, LinkPlan, LinkProblem, LinkStep } from "../../model/privatelink-plan.ts";
import { createSteps, modifySteps } from "./endpoint-steps.ts";
import { groupSteps } from "./group-steps.ts";
import { herokuProblems, herokuWaiting } from "./heroku-side.ts";
import { targetText } from "./names.ts";
import { ownEndpoint, ownershipProblems } from "./ownership.ts";
import { preconditions } from "./preconditions.ts";
import { problem } from "./problem.ts";
import { meaningOf } from "./states.ts";

/** An endpoint that will never carry anything stays until its owner removes it. */
const deadProblems = (wanted: LinkWanted, endpoint: Endpoint): LinkProblem[] => {
  const again = `Remove it with \`spacegate privatelink disconnect ${wanted.name}\`, then connect again.`;
  const why = endpoint.lastError === null ? "" : `: ${endpoint.lastError}`;
  const meaning = meaningOf(endpoint);
  if (meaning === "refused")
    return [
      problem(
        "LINK_REJECTED",
        `The provider of ${targetText(wanted)} does not let ${endpoint.id} connect: it is ${endpoint.state}${why}.`,
        `See with \`spacegate privatelink info\`, or ask the provider, whether the account may connect. ${again}`,
      ),
    ];
  return meaning === "failed" ? [problem("LINK_FAILED", `AWS could not make ${endpoint.id}${why}.`, again)] : [];
};

const endpointWaiting = (endpoint: Endpoint | undefined): string => {
  const { id = "", state = "" } = endpoint ?? {};
  if (!endpoint) return "";
  const WORDS = {
    accepting: `the provider to accept ${id} (${state})`,
    changing: `AWS to make ${id} available (${state})`,
    leaving: `AWS to finish deleting ${id} (${state})`,
    unknown: `${id}, which is ${state}`,
  } as const;
  const meaning = meaningOf(endpoint);
  return meaning in WORDS ? WORDS[meaning as keyof typeof WORDS] : "";
};

/** An endpoint is changed only while it is available: before that AWS refuses, and is still at work on what was asked last. */
const endpointSteps = (wanted: LinkWanted, observed: LinkObserved, endpoint: Endpoint | undefined): LinkStep[] => {
  if (!endpoint) return createSteps(wanted, observed);
  return meaningOf(endpoint) === "ready" ? modifySteps(wanted, endpoint, observed) : [];
};

/**
 * What brings a link about, or back to what is declared. Level-based: the steps are those that can be done with what AWS shows
 * now, and an empty list with nothing to wait for means that all is as wanted. Nothing is ever deleted.
 */
export const planLink = (wanted: LinkWanted, observed: LinkObserved): LinkPlan => {
  const endpoint = observed.serviceName === "" ? undefined : ownEndpoint(wanted, observed);
  const problems = [
    ...(endpoint ? deadProblems(wanted, endpoint) : []),
    ...herokuProblems(wanted, observed),
    ...preconditions(wanted, observed),
    ...ownershipProblems(wanted, observed, endpoint),
  ];
  const waitingFor = herokuWaiting(wanted, observed) || endpointWaiting(endpoint);
  const isBlocked = problems.some(({ blocking }) => blocking);
  // What is on its way out still holds the group; what is not there yet has to wait for Heroku.
  const isEarly = endpoint ? meaningOf(endpoint) === "leaving" : waitingFor !== "";
  const steps = isBlocked || isEarly ? [] : [...groupSteps(wanted, observed), ...endpointSteps(wanted, observed, endpoint)];
  return { steps, problems, waitingFor, endpoint };
};
