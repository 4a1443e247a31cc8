import { createHash } from "node:crypto";
import type { EndpointRequest } from "../../model/privatelink-plan.ts";

/**
 * The token of a link's endpoint, 64 characters as EC2 takes at most. It is made of what an endpoint cannot change, and not of
 * subnets, groups or policy: were these changed between a request that was heard and the next one, a new token would make a second
 * endpoint, where this one makes AWS say that there is one already. `generation` counts endpoints that were deleted: AWS goes on
 * answering with a deleted one for as long as it remembers its token.
 */
export const clientToken = (asked: EndpointRequest, generation: number): string => {
  const { account, region, vpcId, serviceName, type, linkName } = asked;
  const parts = ["spacegate", account, region, vpcId, serviceName, type, linkName, generation];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
};
