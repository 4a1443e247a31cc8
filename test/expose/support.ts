import type { LinkStatus } from "../../agent/model/privatelink.ts";
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

export const linkStatus = (changes: Partial<LinkStatus> = {}): LinkStatus => ({
  name: "orders-redis",
  status: "ok",
  target: { kind: "heroku", app: "acme-app", addon: "redis-kvs-12345" },
  protocol: "redis",
  port: 6379,
  region: "us-east-1",
  herokuStatus: "Operational",
  serviceName: "com.amazonaws.vpce.us-east-1.vpce-svc-0410a2e25933fe8ec",
  endpointId: "vpce-01c87ae3c05563935",
  endpointState: "available",
  since: AT,
  proof: {
    at: AT,
    hostname: "vpce-01c87ae3c05563935-ab12.vpce-svc-0410a2e25933fe8ec.us-east-1.vpce.amazonaws.com",
    dns: "endpoint",
    addresses: ["172.31.0.10", "172.31.16.10"],
    silent: [],
    tcp: true,
    hello: true,
    said: "Redis answers PONG",
    rttMs: 0.8,
    certificateExpiresAt: AT + 90 * 86_400_000,
    trouble: null,
  },
  troubles: [],
  ...changes,
});

/** One that nobody could prove anything of. */
export const LINK_UNPROVEN: Partial<LinkStatus> = {
  ...{ status: "down", herokuStatus: "Provisioning", serviceName: "", endpointId: "", endpointState: "", proof: null },
  troubles: [{ code: "link-zone", text: "The service is not in us-east-1c.", fix: "Put subnet-0aaaaaaaaaaaaaaaa into subnets." }],
};

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
  privatelinks: [linkStatus()],
  firewall: { managed: true, active: true, open: false, counts: { ike_in: { packets: 40, bytes: 4000 } } },
  listener: { tls: false, certificateExpiresAt: null, authorityExpiresAt: null },
  warnings: [WARNING],
  drills: [],
  passes: { total: 5, failed: 1, changes: 12, driftRepairs: 2, lastMs: 34, lastAt: AT, lastError: null },
  ...changes,
});
