import type { DesiredFirewall, FirewallCounts } from "../model/firewall.ts";
import type { Observed } from "../model/observed.ts";
import type { Step } from "../model/step.ts";

/** A firewall and its ruleset; "off": it is the owner's; "held": nothing can be said now, and what stands stays. */
export type WantedFirewall = { readonly desired: DesiredFirewall; readonly text: string } | "off" | "held";

const whyApply = ({ firewall, firewallMemory }: Observed, text: string): string => {
  if (firewall.kind !== "present") return "it is not there";
  if (!firewallMemory) return "nobody remembers what is in it";
  return firewallMemory.text === text ? "it is not as it was loaded" : "it changed";
};

/** What the table has counted, or had before somebody took it away. */
export const countsOf = ({ firewall }: Pick<Observed, "firewall">): FirewallCounts =>
  "counts" in firewall ? firewall.counts : {};

/** Whether the kernel has the table, just as it was loaded. */
export const isInForce = ({ firewall, firewallMemory }: Observed): boolean =>
  firewall.kind === "present" && firewallMemory?.listing === firewall.listing;

/** What must happen so that the agent's table is as it should be, as one transaction; nothing where it cannot be looked at. */
export const firewallSteps = (wanted: WantedFirewall, observed: Observed): Step[] => {
  const { firewall, firewallMemory } = observed;
  if (firewall.kind === "none" || firewall.kind === "unknown" || wanted === "held") return [];
  if (wanted === "off") return firewall.kind === "present" || firewallMemory ? [{ kind: "remove-firewall" }] : [];
  const { desired, text } = wanted;
  if (isInForce(observed) && firewallMemory?.text === text) return [];
  return [{ kind: "apply-firewall", text, desired, counts: countsOf(observed), why: whyApply(observed, text) }];
};
