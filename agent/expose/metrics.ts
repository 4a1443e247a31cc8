import { Counter, Gauge, Registry } from "prom-client";
import type { ConnectionStatus, DeclaredWarning, Status, TunnelStatus } from "../model/status.ts";

const CONNECTION = ["space", "connection"] as const;
const TUNNEL = ["space", "connection", "tunnel"] as const;

type Labels = Record<string, string>;

const labelsOf = (connection: ConnectionStatus, tunnel?: TunnelStatus): Labels => ({
  space: connection.space,
  connection: connection.name,
  ...(tunnel ? { tunnel: String(tunnel.index) } : {}),
});

const flag = (holds: boolean): number => (holds ? 1 : 0);

/** One series for each tunnel of each connection: what is down is 0, not absent. NaN where nothing is known. */
interface Series<Of> {
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter";
  readonly value: (of: Of, status: Status) => number;
}

const seconds = (ms: number | null): number => (ms === null ? Number.NaN : ms / 1000);

const TUNNEL_SERIES: readonly Series<{ connection: ConnectionStatus; tunnel: TunnelStatus }>[] = [
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
    value: ({ tunnel }) => flag(tunnel.child === "INSTALLED" || tunnel.child === "REKEYING"),
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

const CONNECTION_SERIES: readonly Series<ConnectionStatus>[] = [
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

const DRILL_SERIES: readonly Series<ConnectionStatus>[] = [
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

const HOST_SERIES: readonly Series<null>[] = [
  {
    name: "spacegate_up",
    help: "1 when the gateway is ok or degraded.",
    type: "gauge",
    value: (_, status) => flag(status.status === "ok" || status.status === "degraded"),
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

/** One thing that series tell of, with the labels that all of them share. */
interface Row<Of> {
  readonly of: Of;
  readonly labels: Labels;
}

/** prom-client writes an object of shared labels out once and remembers the text: labels are most of a large exposition. */
interface Sample {
  value: number;
  labels: Record<string, string>;
  sharedLabels: Labels;
}

/** Has prom-client take the values from the rows when it writes them, instead of keeping a copy by hashed labels. */
const register = <Of>(registry: Registry, series: Series<Of>, labelNames: readonly string[], samples: () => Sample[]): void => {
  const options = { name: series.name, help: series.help, labelNames: [...labelNames], registers: [registry] };
  const metric = series.type === "gauge" ? new Gauge(options) : new Counter(options);
  const describe = metric.get.bind(metric);
  metric.get = async () => ({ ...(await describe()), values: samples() });
};

const HOST_ROW: Row<null> = { of: null, labels: {} };

const connectionRows = ({ connections }: Status): Row<ConnectionStatus>[] =>
  connections.map((connection) => ({ of: connection, labels: labelsOf(connection) }));

const tunnelRows = ({ connections }: Status): Row<{ connection: ConnectionStatus; tunnel: TunnelStatus }>[] =>
  connections.flatMap((connection) =>
    connection.tunnels.map((tunnel) => ({ of: { connection, tunnel }, labels: labelsOf(connection, tunnel) })),
  );

/** The Prometheus text of a snapshot. Series follow the settings: they vanish with their connection and at no other time. */
export class Metrics {
  readonly registry = new Registry();
  #status: Status | undefined;
  #tunnels: readonly Row<{ connection: ConnectionStatus; tunnel: TunnelStatus }>[] = [];
  #connections: readonly Row<ConnectionStatus>[] = [];
  readonly #host: readonly Row<null>[] = [HOST_ROW];
  readonly #build: Gauge;

  constructor(declared: readonly DeclaredWarning[]) {
    const { registry } = this;
    for (const series of TUNNEL_SERIES) register(registry, series, TUNNEL, () => this.#samples(series, this.#tunnels));
    for (const series of [...CONNECTION_SERIES, ...DRILL_SERIES])
      register(registry, series, CONNECTION, () => this.#samples(series, this.#connections));
    for (const series of HOST_SERIES) register(registry, series, [], () => this.#samples(series, this.#host));
    const warnings: Series<DeclaredWarning> = {
      name: "spacegate_warning_active",
      help: "1 for each warning of the declared list that holds now, 0 for those that do not.",
      type: "gauge",
      value: () => 0,
    };
    register(registry, warnings, ["code", "severity", ...TUNNEL], () => this.#warningSamples(declared));
    this.#build = new Gauge({
      name: "spacegate_build_info",
      help: "1, with the versions of the agent and of charon as labels.",
      labelNames: ["version", "strongswan"],
      registers: [registry],
    });
  }

  async text(status: Status): Promise<string> {
    this.#status = status;
    this.#tunnels = tunnelRows(status);
    this.#connections = connectionRows(status);
    this.#build.reset();
    this.#build.set({ version: status.version, strongswan: status.charon.version }, 1);
    return this.registry.metrics();
  }

  #samples<Of>(series: Series<Of>, rows: readonly Row<Of>[]): Sample[] {
    const status = this.#status;
    if (!status) return [];
    return rows.map(({ of, labels }) => ({ value: series.value(of, status), labels: {}, sharedLabels: labels }));
  }

  #warningSamples(declared: readonly DeclaredWarning[]): Sample[] {
    const held = new Set((this.#status?.warnings ?? []).map(({ code, connection, tunnel }) => `${code} ${connection} ${tunnel}`));
    const rows = { host: [HOST_ROW], connection: this.#connections, tunnel: this.#tunnels };
    return declared.flatMap(({ code, severity, about }) =>
      rows[about].map(({ labels }) => {
        const connection = labels.space === undefined ? undefined : `${labels.space}/${labels.connection}`;
        const value = flag(held.has(`${code} ${connection} ${labels.tunnel}`));
        return { value, labels: { code, severity }, sharedLabels: labels };
      }),
    );
  }
}
