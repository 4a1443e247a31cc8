import type { LinkWanted } from "../../model/privatelink.ts";
import type { LinkObserved, LinkProblem, LinkService, LinkSubnet } from "../../model/privatelink-plan.ts";
import { problem } from "./problem.ts";

const subnetText = ({ id, zoneId, zoneName }: LinkSubnet): string => `${id} (${zoneId}, ${zoneName})`;

const offer = ({ fittingSubnets, vpc }: LinkObserved): string =>
  fittingSubnets.length > 0
    ? `Of the VPC these would do: ${fittingSubnets.map(subnetText).join(", ")}.`
    : `${vpc?.id ?? "The VPC"} has no subnet in them: make one there first.`;

/** Subnets in zones that the service is not in: one of them would make AWS refuse the whole call. */
const unsupported = (subnets: readonly LinkSubnet[], service: LinkService, observed: LinkObserved): LinkProblem[] =>
  subnets
    .filter(({ zoneId }) => !service.zoneIds.includes(zoneId))
    .map((subnet) =>
      problem(
        "LINK_ZONE",
        `The service is not in the availability zone of ${subnetText(subnet)}; it is in ${service.zoneIds.join(", ") || "none"}.`,
        offer(observed),
      ),
    );

/** An endpoint has one network interface a zone at most. */
const shared = (subnets: readonly LinkSubnet[]): LinkProblem[] => {
  const zones = Map.groupBy(subnets, ({ zoneId }) => zoneId);
  return [...zones.values()]
    .filter(({ length }) => length > 1)
    .map((same) =>
      problem(
        "LINK_ZONE",
        `${same.map(({ id }) => id).join(" and ")} are in the same availability zone ${same[0]?.zoneId}, and an endpoint takes one subnet a zone.`,
        "Name one of them only.",
      ),
    );
};

/** What is wrong with the zones of the wanted subnets, compared by zone id. */
export const zoneProblems = ({ subnetIds }: LinkWanted, observed: LinkObserved): LinkProblem[] => {
  const subnets = observed.subnets.filter(({ id }) => subnetIds.includes(id));
  return [...(observed.service ? unsupported(subnets, observed.service, observed) : []), ...shared(subnets)];
};
