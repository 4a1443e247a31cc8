import type { ViciMessage } from "./message.ts";

/** Which SAs a command means: all of a name, or the one with a unique id. */
export type Target =
  | { readonly ike: string }
  | { readonly ikeId: number }
  | { readonly child: string }
  | { readonly childId: number };

/** The target as charon's commands spell it. */
export const selector = (target: Target): ViciMessage => {
  if ("ike" in target) return { ike: target.ike };
  if ("ikeId" in target) return { "ike-id": String(target.ikeId) };
  if ("child" in target) return { child: target.child };
  return { "child-id": String(target.childId) };
};
