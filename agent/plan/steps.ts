import type { Secret } from "../lib/secret.ts";
import { connectionKey } from "../model/connection.ts";
import type { DesiredFile } from "../model/desired.ts";
import type { Observed } from "../model/observed.ts";
import type { StrongswanPaths } from "../model/paths.ts";
import type { Settings } from "../model/settings.ts";
import type { Step } from "../model/step.ts";
import { charonSteps } from "./charon-steps.ts";
import type { DesiredResult } from "./desired.ts";
import { fileSteps, holdsMissing } from "./file-steps.ts";
import { firewallSteps, type WantedFirewall } from "./firewall-steps.ts";
import { withHeldFiles } from "./held.ts";
import { assignSlots, connName, tunnelNumbers } from "./naming.ts";
import { type Kept, networkSteps } from "./network-steps.ts";
import { type TunnelContext, type TunnelPlan, tunnelSteps } from "./tunnel-steps.ts";

export interface PlanInput {
  readonly settings: Settings;
  readonly result: DesiredResult;
  readonly files: readonly DesiredFile[];
  readonly firewall: WantedFirewall;
  readonly observed: Observed;
  readonly standalone: boolean;
  readonly paths: StrongswanPaths;
  readonly hash: (text: Secret) => string;
  readonly tunnels: Omit<TunnelContext, "sas" | "ledger">;
}

export interface Plan {
  readonly steps: readonly Step[];
  /** True when files stay as they are because they hold conns of connections whose details are not known now. */
  readonly filesHeld: boolean;
  /** Conns whose SAs must be replaced and still carry: with VTI traffic moves off them first. */
  readonly changing: readonly string[];
}

const NOTHING_KEPT: Kept = { conns: new Set(), links: new Set(), tables: new Set() };

const keptOf = (settings: Settings, missing: readonly string[]): Kept => {
  if (missing.length === 0) return NOTHING_KEPT;
  const slots = assignSlots(settings.connections);
  const lacking = new Set(missing);
  const tunnels = settings.connections
    .filter((ref) => lacking.has(connectionKey(ref)))
    .flatMap((ref) =>
      ([1, 2] as const).map((index) => ({ ref, index, ...tunnelNumbers(slots.get(connectionKey(ref)) ?? 0, index) })),
    );
  return {
    conns: new Set(tunnels.map(({ ref, index }) => connName(ref, index))),
    links: new Set(tunnels.map(({ link }) => link)),
    tables: new Set(tunnels.map(({ probeMark }) => probeMark)),
  };
};

const NO_TUNNELS: TunnelPlan = { steps: [], waiting: [], changing: [] };

const sasOf = (observed: Observed): TunnelContext["sas"] => (observed.charon.kind === "running" ? observed.charon.sas : []);

/**
 * Everything that must change, in order: files, firewall, network, charon, tunnels: what may be forwarded is settled before the host
 * forwards, and a VPN gateway is let in before its tunnel is brought up, and kept out when its SAs are gone, in a later pass. Planning
 * never waits and never asks: what is not known yet is planned by the next pass.
 */
export const planSteps = (input: PlanInput): Plan => {
  const { result, observed } = input;
  const firewall = firewallSteps(input.firewall, observed);
  // With nothing known there is nothing to compare with: whatever stands on the host stays.
  if (result.desired.tunnels.length === 0) return { steps: firewall, filesHeld: true, changing: [] };
  const kept = keptOf(input.settings, result.missing);
  const filesHeld = holdsMissing(input.files, observed, [...kept.conns]);
  const context = { ...input.tunnels, sas: sasOf(observed), ledger: observed.ledger };
  const running = observed.charon.kind === "running";
  const {
    steps: tunnels,
    waiting,
    changing: old,
  } = running ? tunnelSteps(result.desired.tunnels, kept.conns, context) : NO_TUNNELS;
  const links = new Set(waiting.flatMap(({ link }) => link ?? []));
  const network = [...firewall, ...networkSteps(result.desired, observed.network, kept, links)];
  const changing = old.map(({ conn }) => conn);
  if (filesHeld) return { steps: withHeldFiles([...network, ...tunnels], result.desired, observed.charon), filesHeld, changing };
  const files = fileSteps(result.desired, input.files, observed, input.paths);
  const charon = charonSteps(result.desired, input.files, observed, { standalone: input.standalone, hash: input.hash });
  return { steps: [...files, ...network, ...charon, ...tunnels], filesHeld, changing };
};
