import type { Target, ViciMessage } from "./types.ts";

/** The target as charon's commands spell it. */
export const selector = (target: Target): ViciMessage => {
  if ("ike" in target) return { ike: target.ike };
  if ("ikeId" in target) return { "ike-id": String(target.ikeId) };
  if ("child" in target) return { child: target.child };
  return { "child-id": String(target.childId) };
};
