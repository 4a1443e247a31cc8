import type { Draining } from "../model/drain.ts";
import type { LinkStatus } from "../model/privatelink.ts";
import type { Status } from "../model/status.ts";

const iso = (ms: number): string => new Date(ms).toISOString();

const drainingBody = ({ since, closesAt, closed }: Draining) => ({ since: iso(since), closes_at: iso(closesAt), closed });

const linkBody = (link: LinkStatus) => ({
  name: link.name,
  status: link.status,
  service: link.serviceName,
  endpoint: link.endpointId,
  endpoint_state: link.endpointState,
  heroku_state: link.herokuStatus,
  dns: link.proof?.dns ?? null,
  tcp: link.proof?.tcp ?? null,
  answered: link.proof?.hello ?? null,
  rtt_ms: link.proof?.rttMs ?? null,
  since: iso(link.since),
  reason: link.troubles[0] ? `${link.troubles[0].code}: ${link.troubles[0].text}` : "",
});

/** The body of /healthz: stable, for people and scripts. Times are ISO 8601. */
export const healthBody = (status: Status) => ({
  status: status.status,
  ...(status.draining ? { draining: drainingBody(status.draining) } : {}),
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
  privatelinks: (status.privatelinks ?? []).map(linkBody),
  warnings: status.warnings.map(({ since, ...warning }) => ({ ...warning, since: iso(since) })),
});

/** 503 tells a load balancer or monitor that no traffic reaches the space through here, or soon none will. */
export const healthCode = ({ status, draining }: Status): 200 | 503 =>
  !draining && (status === "ok" || status === "degraded") ? 200 : 503;
