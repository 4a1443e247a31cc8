import type { Desired, DesiredTunnel } from "../model/desired.ts";
import { connDifference } from "../model/loaded.ts";
import type { ObservedCharon } from "../model/observed.ts";
import type { Step } from "../model/step.ts";

/** Tunnels that charon does not hold as desired. Without VICI there is no telling, and none is named. */
const unloaded = (desired: Desired, charon: ObservedCharon): DesiredTunnel[] => {
  if (charon.kind === "absent" || charon.via !== "vici") return [];
  const held = new Map(charon.conns.map((conn) => [conn.name, conn]));
  return desired.tunnels.filter((tunnel) => connDifference(tunnel, held.get(tunnel.conn)) !== "");
};

const ofTunnels = (tunnels: readonly DesiredTunnel[]): ((step: Step) => boolean) => {
  const conns = new Set(tunnels.map(({ conn }) => conn));
  const links = new Set(tunnels.flatMap(({ link }) => link ?? []));
  const tables = new Set(tunnels.flatMap(({ probeMark }) => probeMark ?? []));
  return (step) => {
    switch (step.kind) {
      case "add-link":
      case "change-link":
        return links.has(step.link.name);
      case "set-sysctl":
        return step.sysctl.key.split("/").some((part) => links.has(part));
      case "replace-route":
        return step.route.dev !== undefined && links.has(step.route.dev);
      case "add-rule":
        return tables.has(step.rule.table);
      case "initiate":
        return conns.has(step.tunnel.conn);
      case "terminate-ike":
        return conns.has(step.conn);
      default:
        return false;
    }
  };
};

/**
 * What is left of a plan when strongSwan's files stay as they are: only what fits the conns that charon has from them. To
 * bring up a tunnel whose conn is an older one would give SAs of the older form, again and again.
 */
export const withHeldFiles = (steps: readonly Step[], desired: Desired, charon: ObservedCharon): Step[] => {
  const isUnloaded = ofTunnels(unloaded(desired, charon));
  return steps.filter((step) => step.kind !== "reauthenticate" && !isUnloaded(step));
};
