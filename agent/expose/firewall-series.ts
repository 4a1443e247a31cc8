import { type Count, FIREWALL_COUNTERS, type FirewallCounter, type FirewallStatus } from "../model/firewall.ts";
import type { Status } from "../model/status.ts";
import type { Row } from "./register.ts";
import { flag, type Series } from "./series.ts";

export const RULE = ["rule"] as const;

/** One row while the firewall is the agent's, none while it is the owner's. */
export const firewallRows = ({ firewall }: Status): Row<FirewallStatus>[] =>
  firewall?.managed ? [{ of: firewall, labels: {} }] : [];

const NOTHING: Count = { packets: 0, bytes: 0 };

/** One row for each counter of the table, whether or not it has counted anything. */
export const ruleRows = ({ firewall }: Status): Row<Count>[] => {
  if (!firewall?.managed) return [];
  const names = Object.keys(FIREWALL_COUNTERS) as FirewallCounter[];
  return names.map((rule) => ({ of: firewall.counts[rule] ?? NOTHING, labels: { rule } }));
};

export const FIREWALL_SERIES: readonly Series<FirewallStatus>[] = [
  {
    name: "spacegate_firewall_active",
    help: "1 when the agent's own firewall is in the kernel as it should be. Absent, as all of these, while the firewall is the owner's.",
    type: "gauge",
    value: ({ active }) => flag(active),
  },
];

export const RULE_SERIES: readonly Series<Count>[] = [
  {
    name: "spacegate_firewall_packets_total",
    help: "Packets that met a rule of the agent's own firewall, since its table was first made.",
    type: "counter",
    value: ({ packets }) => packets,
  },
  {
    name: "spacegate_firewall_bytes_total",
    help: "Bytes of the packets that met a rule of the agent's own firewall, since its table was first made.",
    type: "counter",
    value: ({ bytes }) => bytes,
  },
];
