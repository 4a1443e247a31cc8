import { type ConnectionStatus, isUp, type Status, type TunnelStatus } from "../model/status.ts";

export const CONNECTION = ["space", "connection"] as const;
export const TUNNEL = ["space", "connection", "tunnel"] as const;

export type Labels = Record<string, string>;

export const labelsOf = (connection: ConnectionStatus, tunnel?: TunnelStatus): Labels => ({
  space: connection.space,
  connection: connection.name,
  ...(tunnel ? { tunnel: String(tunnel.index) } : {}),
});

export const flag = (holds: boolean): number => (holds ? 1 : 0);

/** One series for each tunnel of each connection: what is down is 0, not absent. NaN where nothing is known. */
export interface Series<Of> {
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter";
  readonly value: (of: Of, status: Status) => number;
}

const seconds = (ms: number | null): number => (ms === null ? Number.NaN : ms / 1000);

export const TUNNEL_SERIES: readonly Series<{ connection: ConnectionStatus; tunnel: TunnelStatus }>[] = [
  {
    name: "spacegate_tunnel_ike_established",
    help: "1 when the tunnel's IKE_SA is established.",
    type: "gauge",
    value: ({ tunnel }) => flag(tunnel.ike === "ESTABLISHED" || tunnel.ike === "REKEYING"),
  },
  {
    name: "spacegate_tunnel_child_installed",
    help: "1 when the tunnel's CHILD_SA is installed.",
    type: "gauge",
    value: ({ tunnel }) => flag(isUp(tunnel)),
  },
  {
    name: "spacegate_tunnel_passing",
    help: "1 when a probe or the counters prove that packets pass, 0 when they prove the contrary, NaN when nothing is proven.",
    type: "gauge",
    value: ({ tunnel }) => (tunnel.passing === null ? Number.NaN : flag(tunnel.passing)),
  },
  {
    name: "spacegate_tunnel_carrier",
    help: "1 for the tunnel that outbound traffic uses now.",
    type: "gauge",
    value: ({ connection, tunnel }) => flag(connection.carrier === tunnel.index),
  },
  {
    name: "spacegate_tunnel_provider_up",
    help: "1 when Heroku says UP, 0 when it says anything else, NaN when it says nothing.",
    type: "gauge",
    value: ({ tunnel }) => (tunnel.providerStatus === "" ? Number.NaN : flag(tunnel.providerStatus === "UP")),
  },
  {
    name: "spacegate_tunnel_rtt_seconds",
    help: "Round trip of the newest answered probe through this tunnel.",
    type: "gauge",
    value: ({ tunnel }) => seconds(tunnel.rttMs),
  },
  {
    name: "spacegate_tunnel_probe_loss_ratio",
    help: "Share of the newest 100 probes through this tunnel that went unanswered.",
    type: "gauge",
    value: ({ tunnel }) => tunnel.lossRatio ?? Number.NaN,
  },
  {
    name: "spacegate_tunnel_state_change_timestamp_seconds",
    help: "When the CHILD_SA was last installed or lost.",
    type: "gauge",
    value: ({ tunnel }) => tunnel.since / 1000,
  },
  {
    name: "spacegate_tunnel_last_packet_in_timestamp_seconds",
    help: "When the last packet came in through this tunnel.",
    type: "gauge",
    value: ({ tunnel }) => seconds(tunnel.lastPacketInAt),
  },
  {
    name: "spacegate_tunnel_received_bytes_total",
    help: "Bytes received through this tunnel, over all its SAs.",
    type: "counter",
    value: ({ tunnel }) => tunnel.bytesIn,
  },
  {
    name: "spacegate_tunnel_sent_bytes_total",
    help: "Bytes sent through this tunnel, over all its SAs.",
    type: "counter",
    value: ({ tunnel }) => tunnel.bytesOut,
  },
  {
    name: "spacegate_tunnel_received_packets_total",
    help: "Packets received through this tunnel, over all its SAs.",
    type: "counter",
    value: ({ tunnel }) => tunnel.packetsIn,
  },
  {
    name: "spacegate_tunnel_sent_packets_total",
    help: "Packets sent through this tunnel, over all its SAs.",
    type: "counter",
    value: ({ tunnel }) => tunnel.packetsOut,
  },
  {
    name: "spacegate_tunnel_losses_total",
    help: "How often the tunnel's CHILD_SA was lost since the agent started.",
    type: "counter",
    value: ({ tunnel }) => tunnel.losses,
  },
  {
    name: "spacegate_tunnel_child_rekeys_total",
    help: "Renewals of the tunnel's CHILD_SA.",
    type: "counter",
    value: ({ tunnel }) => tunnel.childRekeys,
  },
];

export const CONNECTION_SERIES: readonly Series<ConnectionStatus>[] = [
  {
    name: "spacegate_connection_up",
    help: "1 when at least one tunnel of the connection is up and not proven dead.",
    type: "gauge",
    value: (connection) => flag(connection.status === "ok" || connection.status === "degraded"),
  },
  {
    name: "spacegate_connection_redundant",
    help: "1 when the connection has all the tunnels that its routing allows.",
    type: "gauge",
    value: (connection) => flag(connection.status === "ok"),
  },
  {
    name: "spacegate_connection_details_timestamp_seconds",
    help: "When Heroku last confirmed the connection's details.",
    type: "gauge",
    value: (connection) => seconds(connection.source.confirmedAt),
  },
];

const drillOf = ({ drills }: Status, { space, name }: ConnectionStatus) =>
  drills.find((drill) => drill.space === space && drill.connection === name);

export const DRILL_SERIES: readonly Series<ConnectionStatus>[] = [
  {
    name: "spacegate_drill_outage_seconds",
    help: "How long the connection did not pass packets in its newest drill.",
    type: "gauge",
    value: (connection, status) => drillOf(status, connection)?.outageS ?? Number.NaN,
  },
  {
    name: "spacegate_drill_timestamp_seconds",
    help: "When the connection's newest drill was.",
    type: "gauge",
    value: (connection, status) => seconds(drillOf(status, connection)?.at ?? null),
  },
];

export const HOST_SERIES: readonly Series<null>[] = [
  {
    name: "spacegate_up",
    help: "1 when the gateway is ok or degraded.",
    type: "gauge",
    value: (_, status) => flag(status.status === "ok" || status.status === "degraded"),
  },
  {
    name: "spacegate_draining",
    help: "1 while the gateway is being taken out of service (`spacegate drain`).",
    type: "gauge",
    value: (_, status) => flag(status.draining !== undefined),
  },
  {
    name: "spacegate_charon_up",
    help: "1 when strongSwan's charon answers.",
    type: "gauge",
    value: (_, status) => flag(status.charon.running),
  },
  {
    name: "spacegate_start_timestamp_seconds",
    help: "When the agent started.",
    type: "gauge",
    value: (_, status) => status.startedAt / 1000,
  },
  {
    name: "spacegate_tls_certificate_expiry_timestamp_seconds",
    help: "When the HTTP server's certificate expires, NaN without TLS.",
    type: "gauge",
    value: (_, status) => seconds(status.listener.certificateExpiresAt),
  },
  {
    name: "spacegate_tls_authority_expiry_timestamp_seconds",
    help: "When the agent's own CA expires, NaN where it is not used.",
    type: "gauge",
    value: (_, status) => seconds(status.listener.authorityExpiresAt),
  },
  { name: "spacegate_passes_total", help: "Reconcile passes.", type: "counter", value: (_, status) => status.passes.total },
  {
    name: "spacegate_passes_failed_total",
    help: "Reconcile passes that ended with an error.",
    type: "counter",
    value: (_, status) => status.passes.failed,
  },
  {
    name: "spacegate_changes_total",
    help: "Steps that changed the host.",
    type: "counter",
    value: (_, status) => status.passes.changes,
  },
  {
    name: "spacegate_drift_repairs_total",
    help: "Steps that put right what somebody else had changed.",
    type: "counter",
    value: (_, status) => status.passes.driftRepairs,
  },
  {
    name: "spacegate_pass_duration_seconds",
    help: "How long the newest pass took.",
    type: "gauge",
    value: (_, status) => status.passes.lastMs / 1000,
  },
];
