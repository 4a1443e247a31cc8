import type { DesiredFile, DesiredTunnel, Route, Rule, Sysctl, VtiLink } from "./desired.ts";
import type { DesiredFirewall, FirewallCounts } from "./firewall.ts";

/** Fingerprints of the texts that charon has once the step is done, by path. */
export type Loaded = Readonly<Record<string, string>>;

/** One change of the host. Executors are idempotent: a step may be carried out again. */
export type Step =
  | { readonly kind: "check-proposals"; readonly tunnel: DesiredTunnel }
  | { readonly kind: "keep-original"; readonly path: string; readonly keptAs: string }
  | { readonly kind: "write-file"; readonly file: DesiredFile }
  | { readonly kind: "start-charon"; readonly tunnels: readonly DesiredTunnel[]; readonly loaded: Loaded }
  | { readonly kind: "restart-charon"; readonly why: string; readonly tunnels: readonly DesiredTunnel[]; readonly loaded: Loaded }
  | { readonly kind: "delete-link"; readonly name: string }
  | { readonly kind: "add-link"; readonly link: VtiLink }
  | { readonly kind: "change-link"; readonly link: VtiLink }
  | { readonly kind: "set-sysctl"; readonly sysctl: Sysctl }
  | { readonly kind: "replace-route"; readonly route: Route }
  | { readonly kind: "delete-route"; readonly route: Route }
  | { readonly kind: "add-rule"; readonly rule: Rule }
  | { readonly kind: "delete-rule"; readonly rule: Rule }
  | {
      readonly kind: "apply-firewall";
      readonly text: string;
      readonly desired: DesiredFirewall;
      /** What the counters begin with. */
      readonly counts: FirewallCounts;
      readonly why: string;
    }
  | { readonly kind: "remove-firewall" }
  | { readonly kind: "reread-secrets"; readonly loaded: Loaded }
  | {
      readonly kind: "update-conns";
      readonly tunnels: readonly DesiredTunnel[];
      readonly loaded: Loaded;
    }
  | { readonly kind: "reauthenticate"; readonly conn: string; readonly uniqueId: number; readonly pskFingerprint: string }
  | { readonly kind: "terminate-ike"; readonly conn: string; readonly uniqueId: number; readonly why: string }
  | { readonly kind: "initiate"; readonly tunnel: DesiredTunnel; readonly pskFingerprint: string; readonly why: string };

export type StepKind = Step["kind"];

/** A step that no other one waits for: when it fails, the tunnels come up all the same. */
export const isAside = (step: Step): boolean =>
  step.kind === "apply-firewall" || step.kind === "remove-firewall" || (step.kind === "set-sysctl" && step.sysctl.host === true);

/** The conn that a step acts on, for those that touch a tunnel. */
export const touchedConn = (step: Step): string | undefined => {
  if (step.kind === "initiate") return step.tunnel.conn;
  if (step.kind === "terminate-ike" || step.kind === "reauthenticate") return step.conn;
  return undefined;
};
