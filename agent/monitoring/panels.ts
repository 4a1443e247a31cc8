/** One query of a panel; the legend's {{label}} is Grafana's. */
export interface Query {
  readonly expr: string;
  readonly legend: string;
}

export type PanelKind = "stat" | "state-timeline" | "timeseries";

export interface Panel {
  readonly title: string;
  readonly description: string;
  readonly kind: PanelKind;
  /** Grafana's name of the unit. */
  readonly unit: string;
  /** Of 24 columns. */
  readonly width: number;
  /** What 0 and 1 are called, and which of them is bad. */
  readonly words?: { readonly zero: string; readonly one: string; readonly bad: 0 | 1 | undefined };
  readonly queries: readonly Query[];
}

export interface Row {
  readonly title: string;
  readonly height: number;
  readonly panels: readonly Panel[];
}

const HOST = 'instance=~"$instance"';
const OF = `${HOST},space=~"$space",connection=~"$connection"`;
const TUNNEL = "{{space}}/{{connection}} tunnel {{tunnel}}";
const CONNECTION = "{{space}}/{{connection}}";

const perSecond = (metric: string, selector: string): string => `rate(${metric}{${selector}}[$__rate_interval])`;
/** Timestamps are exported, ages are what people look at. */
const age = (metric: string): string => `time() - ${metric}{${OF}}`;

const OVERVIEW: Row = {
  title: "Overview",
  height: 4,
  panels: [
    {
      title: "Gateway",
      description: "Whether traffic reaches the space through this gateway.",
      kind: "stat",
      unit: "none",
      width: 5,
      words: { zero: "down", one: "up", bad: 0 },
      queries: [{ expr: `spacegate_up{${HOST}}`, legend: "{{instance}}" }],
    },
    {
      title: "strongSwan",
      description: "Whether charon answers.",
      kind: "stat",
      unit: "none",
      width: 5,
      words: { zero: "absent", one: "running", bad: 0 },
      queries: [{ expr: `spacegate_charon_up{${HOST}}`, legend: "{{instance}}" }],
    },
    {
      title: "Connections",
      description: "1 tunnel that is up and not proven dead is enough for up.",
      kind: "stat",
      unit: "none",
      width: 5,
      words: { zero: "down", one: "up", bad: 0 },
      queries: [{ expr: `spacegate_connection_up{${OF}}`, legend: CONNECTION }],
    },
    {
      title: "Redundancy",
      description: "Whether each connection has all the tunnels that its routing allows.",
      kind: "stat",
      unit: "none",
      width: 5,
      words: { zero: "lost", one: "whole", bad: 0 },
      queries: [{ expr: `spacegate_connection_redundant{${OF}}`, legend: CONNECTION }],
    },
    {
      title: "Warnings",
      description: "How many warnings hold now; /healthz has their texts and fixes.",
      kind: "stat",
      unit: "none",
      width: 4,
      queries: [{ expr: `sum by (instance) (spacegate_warning_active{${HOST}})`, legend: "{{instance}}" }],
    },
  ],
};

const TUNNELS: Row = {
  title: "Tunnels",
  height: 6,
  panels: [
    {
      title: "CHILD_SA installed",
      description: "With policy routing the tunnel that does not carry is down on purpose.",
      kind: "state-timeline",
      unit: "none",
      width: 12,
      words: { zero: "down", one: "installed", bad: 0 },
      queries: [{ expr: `spacegate_tunnel_child_installed{${OF}}`, legend: TUNNEL }],
    },
    {
      title: "Passing",
      description: "What probes or counters prove; a gap where nothing is proven.",
      kind: "state-timeline",
      unit: "none",
      width: 12,
      words: { zero: "dead", one: "passing", bad: 0 },
      queries: [{ expr: `spacegate_tunnel_passing{${OF}}`, legend: TUNNEL }],
    },
    {
      title: "Carrier",
      description: "The tunnel that outbound traffic uses.",
      kind: "state-timeline",
      unit: "none",
      width: 12,
      words: { zero: "ready", one: "carries", bad: undefined },
      queries: [{ expr: `spacegate_tunnel_carrier{${OF}}`, legend: TUNNEL }],
    },
    {
      title: "Heroku's view",
      description: "What Heroku says of the tunnel; a gap where it says nothing.",
      kind: "state-timeline",
      unit: "none",
      width: 12,
      words: { zero: "not up", one: "up", bad: 0 },
      queries: [{ expr: `spacegate_tunnel_provider_up{${OF}}`, legend: TUNNEL }],
    },
    {
      title: "Warnings",
      description: "Each warning of the declared list that held during this time.",
      kind: "state-timeline",
      unit: "none",
      width: 24,
      words: { zero: "", one: "holds", bad: 1 },
      queries: [{ expr: `max by (code, instance) (spacegate_warning_active{${HOST}}) > 0`, legend: "{{code}} {{instance}}" }],
    },
  ],
};

const TRAFFIC: Row = {
  title: "Traffic",
  height: 8,
  panels: [
    {
      title: "Round trip",
      description: "Of the newest answered probe through each tunnel.",
      kind: "timeseries",
      unit: "s",
      width: 12,
      queries: [{ expr: `spacegate_tunnel_rtt_seconds{${OF}}`, legend: TUNNEL }],
    },
    {
      title: "Loss",
      description: "Share of the newest 100 probes that went unanswered.",
      kind: "timeseries",
      unit: "percentunit",
      width: 12,
      queries: [{ expr: `spacegate_tunnel_probe_loss_ratio{${OF}}`, legend: TUNNEL }],
    },
    {
      title: "Bytes",
      description: "Through each tunnel, over all its SAs.",
      kind: "timeseries",
      unit: "Bps",
      width: 12,
      queries: [
        { expr: perSecond("spacegate_tunnel_received_bytes_total", OF), legend: `${TUNNEL} in` },
        { expr: perSecond("spacegate_tunnel_sent_bytes_total", OF), legend: `${TUNNEL} out` },
      ],
    },
    {
      title: "Packets",
      description: "Through each tunnel, over all its SAs.",
      kind: "timeseries",
      unit: "pps",
      width: 12,
      queries: [
        { expr: perSecond("spacegate_tunnel_received_packets_total", OF), legend: `${TUNNEL} in` },
        { expr: perSecond("spacegate_tunnel_sent_packets_total", OF), legend: `${TUNNEL} out` },
      ],
    },
    {
      title: "Losses and renewals",
      description: "CHILD_SAs lost, and renewed, during the time shown.",
      kind: "timeseries",
      unit: "none",
      width: 12,
      queries: [
        { expr: `increase(spacegate_tunnel_losses_total{${OF}}[$__rate_interval])`, legend: `${TUNNEL} lost` },
        { expr: `increase(spacegate_tunnel_child_rekeys_total{${OF}}[$__rate_interval])`, legend: `${TUNNEL} renewed` },
      ],
    },
    {
      title: "Last packet in",
      description: "How long ago the last packet came in through each tunnel.",
      kind: "timeseries",
      unit: "s",
      width: 12,
      queries: [{ expr: age("spacegate_tunnel_last_packet_in_timestamp_seconds"), legend: TUNNEL }],
    },
  ],
};

const linkAge = (metric: string): string => `time() - ${metric}{${HOST}}`;

const PRIVATELINK: Row = {
  title: "PrivateLink",
  height: 7,
  panels: [
    {
      title: "Links",
      description: "Whether each declared PrivateLink carries, by its newest proof.",
      kind: "state-timeline",
      unit: "none",
      width: 12,
      words: { zero: "down", one: "carries", bad: 0 },
      queries: [{ expr: `spacegate_privatelink_up{${HOST}}`, legend: "{{link}}" }],
    },
    {
      title: "Where names lead",
      description: "Through the endpoint, or over the internet or nowhere; a gap where nobody has asked yet.",
      kind: "state-timeline",
      unit: "none",
      width: 12,
      words: { zero: "elsewhere", one: "endpoint", bad: 0 },
      queries: [{ expr: `spacegate_privatelink_dns_inside{${HOST}}`, legend: "{{link}}" }],
    },
    {
      title: "Connect time",
      description: "Of the newest TCP handshake through each link.",
      kind: "timeseries",
      unit: "s",
      width: 8,
      queries: [{ expr: `spacegate_privatelink_connect_seconds{${HOST}}`, legend: "{{link}}" }],
    },
    {
      title: "Certificates",
      description: "How long the certificates behind the links are good.",
      kind: "timeseries",
      unit: "s",
      width: 8,
      queries: [
        {
          expr: `spacegate_privatelink_certificate_expiry_timestamp_seconds{${HOST}} - time()`,
          legend: "{{link}}",
        },
      ],
    },
    {
      title: "Newest proof",
      description: "How long ago each link was last looked at.",
      kind: "timeseries",
      unit: "s",
      width: 8,
      queries: [{ expr: linkAge("spacegate_privatelink_proof_timestamp_seconds"), legend: "{{link}}" }],
    },
  ],
};

const AGENT: Row = {
  title: "Agent",
  height: 7,
  panels: [
    {
      title: "Details confirmed",
      description: "How long ago Heroku last confirmed each connection's details.",
      kind: "timeseries",
      unit: "s",
      width: 8,
      queries: [{ expr: age("spacegate_connection_details_timestamp_seconds"), legend: CONNECTION }],
    },
    {
      title: "Passes",
      description: "Reconcile passes, those that failed, and steps that changed the host or put drift right.",
      kind: "timeseries",
      unit: "none",
      width: 8,
      queries: [
        { expr: `increase(spacegate_passes_total{${HOST}}[$__rate_interval])`, legend: "passes {{instance}}" },
        { expr: `increase(spacegate_passes_failed_total{${HOST}}[$__rate_interval])`, legend: "failed {{instance}}" },
        { expr: `increase(spacegate_changes_total{${HOST}}[$__rate_interval])`, legend: "changes {{instance}}" },
        { expr: `increase(spacegate_drift_repairs_total{${HOST}}[$__rate_interval])`, legend: "drift {{instance}}" },
      ],
    },
    {
      title: "Pass duration",
      description: "How long the newest pass took.",
      kind: "timeseries",
      unit: "s",
      width: 8,
      queries: [{ expr: `spacegate_pass_duration_seconds{${HOST}}`, legend: "{{instance}}" }],
    },
  ],
};

/** What the dashboard shows, from the top. */
export const ROWS: readonly Row[] = [OVERVIEW, TUNNELS, TRAFFIC, PRIVATELINK, AGENT];
