import type { Draining } from "../model/drain.ts";
import type { LinkStatus } from "../model/privatelink.ts";
import { type ConnectionStatus, isUp, type ListenerTrouble, type TunnelStatus } from "../model/status.ts";
import type { Trouble } from "../model/trouble.ts";

/** One connection as the warnings see it. */
export interface ConnectionFacts {
  readonly status: ConnectionStatus;
  readonly waiting: string | null;
  readonly sourceError: Trouble | null;
  /** Details that Heroku gave and that must not come into force. */
  readonly refused: readonly Trouble[];
  readonly advice: readonly Trouble[];
  /** A probe is set, but this host has no address within the traffic selectors to send it from. */
  readonly probeImpossible: boolean;
}

/** Everything that the declared warnings look at. */
export interface HealthFacts {
  readonly ready: boolean;
  readonly connections: readonly ConnectionFacts[];
  readonly privatelinks: readonly LinkStatus[];
  readonly charon: { readonly running: boolean; readonly via: "vici" | "statusall" | "none"; readonly why: string };
  readonly settingsRefused: string | null;
  /** undefined while the gateway serves. */
  readonly draining?: Draining | undefined;
  readonly passError: Trouble | null;
  readonly restartNeeded: boolean;
  readonly filesHeld: boolean;
  /** null: not known. */
  readonly ipForward: boolean | null;
  /** Why the agent's own firewall is not as it should be. */
  readonly firewallTrouble: Trouble | null;
  /** Packets that the firewall did not forward since the last pass, because they are no connection's. */
  readonly newForwardRefusals: number;
  /** Packets that the kernel dropped since the last pass because a policy was another SA's. */
  readonly newMismatches: number;
  /** What is wrong with the HTTP server's certificate, key or token. */
  readonly listenerTroubles: readonly ListenerTrouble[];
}

/** Up, and nothing proves that it passes no packets. */
export const isUsable = (tunnel: TunnelStatus): boolean => isUp(tunnel) && tunnel.passing !== false;
