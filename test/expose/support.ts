import type { ConnectionStatus, Status, TunnelStatus, Warning } from "../../agent/model/status.ts";

export const AT = Date.UTC(2026, 10, 1, 12, 0, 0);

export const tunnelStatus = (index: 1 | 2, changes: Partial<TunnelStatus> = {}): TunnelStatus => ({
  index,
  conn: `sg-acme-space-office-${index}`,
  address: index === 1 ? "34.203.187.158" : "34.227.70.143",
  ike: "ESTABLISHED",
  child: "INSTALLED",
  passing: true,
  rttMs: 12.5,
  lossRatio: 0.01,
  since: AT,
  reason: null,
  providerStatus: "UP",
  bytesIn: 1000,
  bytesOut: 2000,
  packetsIn: 10,
  packetsOut: 20,
  lastPacketInAt: AT + 1000,
  childRekeys: 3,
  losses: 1,
  recentLosses: 0,
  ...changes,
});

/** A tunnel of which nothing good or nothing at all is known. */
export const DOWN: Partial<TunnelStatus> = {
  ike: "CONNECTING",
  child: "NONE",
  passing: null,
  rttMs: null,
  lossRatio: null,
  reason: { code: "no-answer-500", text: "no answer", fix: "open UDP 500" },
  providerStatus: "",
  bytesIn: 0,
  bytesOut: 0,
  packetsIn: 0,
  packetsOut: 0,
  lastPacketInAt: null,
  childRekeys: 0,
};

export const connectionStatus = (changes: Partial<ConnectionStatus> = {}): ConnectionStatus => ({
  space: "acme-space",
  name: "office",
  status: "degraded",
  routing: "vti",
  carrier: 1,
  providerStatus: "active",
  source: { kind: "platform-api", origin: "source", confirmedAt: AT, error: null },
  tunnels: [tunnelStatus(1), tunnelStatus(2, DOWN)],
  ...changes,
});

export const WARNING: Warning = {
  code: "tunnel-down",
  severity: "warning",
  title: "A tunnel is down",
  text: "Tunnel 2 has no CHILD_SA",
  fix: "Open UDP 500.",
  since: AT,
  connection: "acme-space/office",
  tunnel: 2,
};

export const gatewayStatus = (changes: Partial<Status> = {}): Status => ({
  status: "degraded",
  version: "0.1.0",
  startedAt: AT - 60_000,
  at: AT,
  ready: true,
  charon: { running: true, version: "5.9.8", via: "vici" },
  connections: [connectionStatus()],
  firewall: { managed: true, active: true, open: false, counts: { ike_in: { packets: 40, bytes: 4000 } } },
  listener: { tls: false, certificateExpiresAt: null, authorityExpiresAt: null },
  warnings: [WARNING],
  drills: [],
  passes: { total: 5, failed: 1, changes: 12, driftRepairs: 2, lastMs: 34, lastAt: AT, lastError: null },
  ...changes,
});
