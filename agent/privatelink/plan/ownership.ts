import type { Endpoint, LinkWanted } from "../../model/privatelink.ts";
import { groupName, type LinkObserved, type LinkProblem } from "../../model/privatelink-plan.ts";
import { notice, problem } from "./problem.ts";
import { isAlive, isDead, meaningOf } from "./states.ts";

const byAge = (a: Endpoint, b: Endpoint): number => (a.createdAt ?? 0) - (b.createdAt ?? 0) || (a.id < b.id ? -1 : 1);

/** The link's own endpoints: by its tag, in its place. */
const inPlace = ({ vpcId, type }: LinkWanted, { endpoints, serviceName }: LinkObserved): Endpoint[] =>
  endpoints
    .filter((one) => one.vpcId === vpcId && one.serviceName === serviceName && one.type.toLowerCase() === type.toLowerCase())
    .sort(byAge);

/** The one that is kept: the oldest that lives, else one that was refused or failed, else one on its way out. */
export const ownEndpoint = (wanted: LinkWanted, observed: LinkObserved): Endpoint | undefined => {
  const own = inPlace(wanted, observed);
  return own.find(isAlive) ?? own.find(isDead) ?? own.find((one) => meaningOf(one) === "leaving");
};

const leftover = ({ id, vpcId, serviceName, state }: Endpoint, { region }: LinkObserved): LinkProblem =>
  notice(
    "LINK_LEFTOVER",
    `${id} (${state}, ${vpcId}, ${serviceName}) bears the tag of this link too, and this one does not use it: it is from before the link moved, or another gateway's of the same name.`,
    `It goes on costing. If nobody needs it: aws ec2 delete-vpc-endpoints --region ${region} --vpc-endpoint-ids ${id}`,
  );

const leftovers = (observed: LinkObserved, kept: Endpoint | undefined): LinkProblem[] =>
  observed.endpoints.filter((one) => one !== kept && (isAlive(one) || isDead(one))).map((one) => leftover(one, observed));

const overlaps = (a: readonly string[], b: readonly string[]): boolean => a.some((one) => b.includes(one));

/** Others' endpoints are never taken over. In the way are those with the same private DNS name, or the same route table. */
const foreignProblems = (wanted: LinkWanted, { foreign }: LinkObserved, own: Endpoint | undefined): LinkProblem[] =>
  foreign.filter(isAlive).map((one) => {
    const inTheWay = (wanted.privateDns && one.privateDns) || overlaps(wanted.routeTableIds, one.routeTableIds);
    const text = `${one.id} in ${one.vpcId} leads to ${one.serviceName} too; somebody else made it, so it stays as it is.`;
    return inTheWay && !own
      ? problem(
          "LINK_FOREIGN",
          `${text} AWS takes no second one with the same ${wanted.type === "Gateway" ? "route table" : "private DNS name"}.`,
          "Use that one, or remove it, or go without private DNS.",
        )
      : notice("LINK_FOREIGN", text, "If nobody needs it, remove it: each endpoint costs by the hour.");
  });

const groupProblems = (wanted: LinkWanted, { foreignGroupId, group }: LinkObserved): LinkProblem[] =>
  foreignGroupId === undefined || group || wanted.type === "Gateway"
    ? []
    : [
        problem(
          "LINK_FOREIGN",
          `The security group ${groupName(wanted.name)} (${foreignGroupId}) of ${wanted.vpcId} is not the agent's: it lacks the tag.`,
          "Rename the link, or remove that group.",
        ),
      ];

/** What others made, and what the agent made and does not need any more. */
export const ownershipProblems = (wanted: LinkWanted, observed: LinkObserved, own: Endpoint | undefined): LinkProblem[] => [
  ...foreignProblems(wanted, observed, own),
  ...groupProblems(wanted, observed),
  ...leftovers(observed, own),
];
