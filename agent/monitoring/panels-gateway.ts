import { age, CONNECTION, HOST, OF, type Row } from "./panel.ts";

export const OVERVIEW: Row = {
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

export const AGENT: Row = {
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
