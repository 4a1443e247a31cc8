import type { ConnectionFacts, HealthFacts } from "../../agent/health/facts.ts";
import type { ConnectionStatus, TunnelStatus } from "../../agent/model/status.ts";
import { DOCUMENTED } from "../sample.ts";

/** A tunnel that is up and passes packets. */
export const tunnelStatus = (index: 1 | 2, changes: Partial<TunnelStatus> = {}): TunnelStatus => ({
  index,
  conn: `spacegate.acme-space.office.${index}`,
  address: DOCUMENTED.remotes[index - 1] ?? "",
  ike: "ESTABLISHED",
  child: "INSTALLED",
  passing: true,
  rttMs: 12,
  lossRatio: 0,
  since: 0,
  reason: null,
  providerStatus: "UP",
  bytesIn: 1,
  bytesOut: 1,
  packetsIn: 1,
  packetsOut: 1,
  lastPacketInAt: 1,
  childRekeys: 0,
  losses: 0,
  recentLosses: 0,
  ...changes,
});

export const DOWN = { ike: "NONE", child: "NONE", passing: false } as const;
export const DEAD = { passing: false } as const;

export const connectionStatus = (changes: Partial<ConnectionStatus> = {}): ConnectionStatus => ({
  space: "acme-space",
  name: "office",
  status: "ok",
  routing: "vti",
  carrier: 1,
  providerStatus: "active",
  source: { kind: "platform-api", origin: "source", confirmedAt: 1, error: null },
  tunnels: [tunnelStatus(1), tunnelStatus(2)],
  ...changes,
});

export const connectionFacts = (
  status: Partial<ConnectionStatus> = {},
  changes: Partial<ConnectionFacts> = {},
): ConnectionFacts => ({
  status: connectionStatus(status),
  waiting: null,
  sourceError: null,
  refused: [],
  advice: [],
  probeImpossible: false,
  ...changes,
});

/** A gateway that has nothing to complain about. */
export const healthyFacts = (changes: Partial<HealthFacts> = {}): HealthFacts => ({
  ready: true,
  connections: [connectionFacts()],
  charon: { running: true, via: "vici", why: "" },
  settingsRefused: null,
  passError: null,
  restartNeeded: false,
  filesHeld: false,
  ipForward: true,
  firewallTrouble: null,
  newForwardRefusals: 0,
  newMismatches: 0,
  listenerTroubles: [],
  privatelinks: [],
  ...changes,
});
