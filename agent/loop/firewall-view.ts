import type { FirewallStatus } from "../model/firewall.ts";
import type { Settings } from "../model/settings.ts";
import type { Trouble } from "../model/trouble.ts";
import { countsOf, isInForce } from "../plan/firewall-steps.ts";
import type { PassPlan } from "./pass.ts";
import type { PassLog } from "./pass-log.ts";
import { troubleOf } from "./status-view.ts";

interface Known {
  readonly settings: Settings;
  readonly plan: PassPlan | undefined;
  readonly passes: Pick<PassLog, "asides">;
}

/** Why the firewall is not as it should be; null when it is, and before anything is known. */
export const firewallTrouble = ({ settings, plan, passes }: Known): Trouble | null => {
  if (!plan) return null;
  const failed = passes.asides.find(({ step }) => step.kind === "apply-firewall" || step.kind === "remove-firewall");
  if (failed) return troubleOf(failed.error);
  if (!settings.firewall.manage) return null;
  if (plan.firewallError) return troubleOf(plan.firewallError);
  const { firewall } = plan.observed;
  return firewall.kind === "unknown" ? { text: firewall.text, fix: firewall.fix } : null;
};

const isActive = ({ firewall, observed }: PassPlan): boolean =>
  isInForce(observed) && (typeof firewall === "string" || firewall.text === observed.firewallMemory?.text);

/** The firewall as others see it. */
export const firewallStatus = ({ settings, plan }: Known): FirewallStatus => ({
  managed: settings.firewall.manage,
  active: plan !== undefined && isActive(plan),
  open: plan !== undefined && typeof plan.firewall !== "string" && plan.firewall.desired.open,
  counts: plan ? countsOf(plan.observed) : {},
});
