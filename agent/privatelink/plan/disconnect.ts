import type { Endpoint } from "../../model/privatelink.ts";
import type { LinkGroup, LinkStep } from "../../model/privatelink-plan.ts";
import { isAlive, isDead, meaningOf } from "./states.ts";

/** Everything in AWS that bears a link's tag. */
export interface LinkOwned {
  readonly endpoints: readonly Endpoint[];
  readonly groups: readonly LinkGroup[];
}

interface DisconnectPlan {
  readonly steps: readonly LinkStep[];
  /** In words; "" when nothing is waited for. */
  readonly waitingFor: string;
}

/** What removes everything of a link; planned for the owner's own command only. Groups go when no endpoint holds them any more. */
export const planDisconnect = ({ endpoints, groups }: LinkOwned): DisconnectPlan => {
  const held = endpoints.filter((one) => isAlive(one) || isDead(one));
  if (held.length > 0) return { steps: held.map(({ id }) => ({ kind: "delete-endpoint", endpointId: id })), waitingFor: "" };
  const leaving = endpoints.find((one) => meaningOf(one) === "leaving");
  if (leaving) return { steps: [], waitingFor: `AWS to finish deleting ${leaving.id} (${leaving.state})` };
  return { steps: groups.map(({ id }) => ({ kind: "delete-security-group", groupId: id })), waitingFor: "" };
};
