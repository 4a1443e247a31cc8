import type { Status } from "../model/status.ts";

const iso = (ms: number): string => new Date(ms).toISOString();

/** The body of /healthz: stable, for people and scripts. Times are ISO 8601. */
export const healthBody = (status: Status) => ({
  status: status.status,
  connections: status.connections.map((connection) => ({
    space: connection.space,
    name: connection.name,
    status: connection.status,
    carrier: connection.carrier,
    tunnels: connection.tunnels.map((tunnel) => ({
      index: tunnel.index,
      address: tunnel.address,
      ike: tunnel.ike,
      child: tunnel.child,
      passing: tunnel.passing,
      rtt_ms: tunnel.rttMs,
      since: iso(tunnel.since),
      reason: tunnel.reason ? `${tunnel.reason.code}: ${tunnel.reason.text}` : "",
      provider_status: tunnel.providerStatus,
    })),
  })),
  warnings: status.warnings.map(({ since, ...warning }) => ({ ...warning, since: iso(since) })),
});

/** 503 tells a load balancer or monitor that no traffic reaches the space through here. */
export const healthCode = (status: Status): 200 | 503 => (status.status === "ok" || status.status === "degraded" ? 200 : 503);
