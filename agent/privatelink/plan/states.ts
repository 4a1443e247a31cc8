import type { Endpoint } from "../../model/privatelink.ts";

/**
 * What a state means for a plan. AWS writes states in camel case on the wire and in other cases elsewhere; one that is not known
 * yet counts as something under way.
 */
export type StateMeaning = "ready" | "accepting" | "changing" | "refused" | "failed" | "leaving" | "gone" | "unknown";

const MEANINGS: Readonly<Record<string, StateMeaning>> = {
  available: "ready",
  pendingacceptance: "accepting",
  pending: "changing",
  rejected: "refused",
  expired: "refused",
  failed: "failed",
  deleting: "leaving",
  deleted: "gone",
};

export const meaningOf = ({ state }: Endpoint): StateMeaning => MEANINGS[state.toLowerCase()] ?? "unknown";

/** It is there, or about to be. */
export const isAlive = (endpoint: Endpoint): boolean =>
  ["ready", "accepting", "changing", "unknown"].includes(meaningOf(endpoint));

/** It is there and will never carry anything. */
export const isDead = (endpoint: Endpoint): boolean => ["refused", "failed"].includes(meaningOf(endpoint));
