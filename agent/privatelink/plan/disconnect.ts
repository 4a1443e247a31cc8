import type { LinkObserved, LinkPlan } from "../../model/privatelink-plan.ts";
import { isAlive, isDead, meaningOf } from "./states.ts";

/** What removes everything of a link; planned for the owner's own command only. The group goes when no endpoint holds it. */
export const planDisconnect = ({ endpoints, group }: Pick<LinkObserved, "endpoints" | "group">): LinkPlan => {
  const held = endpoints.filter((one) => isAlive(one) || isDead(one));
  const leaving = endpoints.find((one) => meaningOf(one) === "leaving");
  const waitingFor = leaving ? `AWS to finish deleting ${leaving.id} (${leaving.state})` : "";
  const endpointSteps = held.map(({ id }) => ({ kind: "delete-endpoint", endpointId: id }) as const);
  const groupGone = group && held.length === 0 && !leaving ? [{ kind: "delete-security-group", groupId: group.id } as const] : [];
  return { steps: [...endpointSteps, ...groupGone], problems: [], waitingFor, endpoint: held[0] ?? leaving };
};
