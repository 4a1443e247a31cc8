import { age, HOST, OF, perSecond, type Row, TUNNEL } from "./panel.ts";

export const TUNNELS: Row = {
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

export const TRAFFIC: Row = {
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
