/**
 * The routing protocol number of the agent's routes and rules: what carries it is the agent's, everything else is not.
 * Unassigned in iproute2's rt_protos.
 */
export const ROUTE_PROTOCOL = 83;

/** Before the main table's rule (32766), behind what administrators usually add (by default, below 32766 and downwards). */
export const RULE_PREFERENCE = 5347;
