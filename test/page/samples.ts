import type { History, HistoryEvent, SeriesPoint } from "../../agent/model/history.ts";
import type { ConnectionStatus, Status, TunnelStatus, Warning } from "../../agent/model/status.ts";
import type { TunnelState } from "../../agent/model/tunnel-state.ts";
import { AT, connectionStatus, gatewayStatus, LINK_UNPROVEN, linkStatus, tunnelStatus } from "../expose/support.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export interface Sample {
  readonly status: Status;
  readonly history: History;
}

const NETWORKS = { gateway: "172.16.0.2", local: ["172.16.0.0/16"], space: "10.0.0.0/16" };

const UP: Partial<TunnelStatus> = {
  ...{
    rttMs: 12.4,
    lossRatio: 0,
    since: AT - 26 * HOUR,
    lastPacketInAt: AT - 300,
    bytesIn: 48_200_000_000,
    bytesOut: 7_310_000_000,
  },
  ...{ childRekeys: 31, losses: 1, pskFingerprint: "3f9c1e0b77aa" },
};

const NO_ANSWER = {
  code: "no-answer-500",
  text: "34.227.70.143 does not answer on UDP 500.",
  fix: "Open UDP 500 and 4500 in both directions to that address, and see that this host's public address is the one that Heroku has.",
};

const GONE: Partial<TunnelStatus> = {
  ...{
    ike: "CONNECTING",
    child: "NONE",
    passing: false,
    rttMs: null,
    lossRatio: null,
    since: AT - 3 * MINUTE,
    reason: NO_ANSWER,
  },
  ...{
    providerStatus: "DOWN",
    lastPacketInAt: AT - 3 * MINUTE,
    bytesIn: 1_900_000,
    bytesOut: 2_200_000,
    pskFingerprint: "b02d94c1f618",
  },
};

export const office = (changes: Partial<ConnectionStatus> = {}): ConnectionStatus =>
  connectionStatus({
    ...{
      status: "ok",
      networks: NETWORKS,
      tunnels: [tunnelStatus(1, UP), tunnelStatus(2, { ...UP, rttMs: 14.9, pskFingerprint: "b02d94c1f618" })],
    },
    ...{ source: { kind: "platform-api", origin: "source", confirmedAt: AT - 21_000, error: null } },
    ...changes,
  });

/** A wobble that is the same at every run. */
const wobble = (index: number): number => Math.abs(Math.sin(index * 12.9898) * 43_758.5453) % 1;

interface Hour {
  readonly base: number;
  /** Points from here on are in `instead`. */
  readonly from?: number;
  readonly to?: number;
  readonly instead?: TunnelState;
  readonly state: TunnelState;
}

const hour = ({ base, from = 240, to = 240, instead = "down", state }: Hour): SeriesPoint[] =>
  Array.from({ length: 240 }, (_, index) => {
    if (index < 12) return { sent: 0, lost: 0, medianMs: null, maxMs: null, state: null };
    const sick = index >= from && index < to;
    if (sick && instead !== "silent") return { sent: 0, lost: 0, medianMs: null, maxMs: null, state: instead };
    if (sick) return { sent: 75, lost: 75, medianMs: null, maxMs: null, state: instead };
    const medianMs = base + wobble(index) * 1.6 + (index > 90 && index < 110 ? 6 : 0);
    const lost = index === 96 || index === 101 ? 4 : index % 71 === 0 ? 1 : 0;
    return { sent: 75, lost, medianMs, maxMs: medianMs + wobble(index + 7) * 9, state };
  });

const historyOf = (events: readonly HistoryEvent[], series: Readonly<Record<string, readonly SeriesPoint[]>>): History => ({
  events: () => events,
  series: (conn) => series[conn] ?? hour({ base: 11 + conn.length / 10, state: conn.endsWith("1") ? "carries" : "ready" }),
  pointMs: 15_000,
});

const [CONN1, CONN2] = ["sg-acme-space-office-1", "sg-acme-space-office-2"];
const KEY = "acme-space/office";

const EARLIER: readonly HistoryEvent[] = [
  { at: AT - 50 * HOUR, code: "agent-started", text: "The agent started, version 0.1.0." },
  { at: AT - 50 * HOUR + 900, code: "tunnel-up", connection: KEY, tunnel: 1, text: "Tunnel 1 is up." },
  { at: AT - 50 * HOUR + 940, code: "tunnel-up", connection: KEY, tunnel: 2, text: "Tunnel 2 is up." },
  { at: AT - 26 * HOUR, code: "rotated", connection: KEY, tunnel: 1, text: "Heroku gave tunnel 1 a new PSK." },
  {
    ...{ at: AT - 3 * HOUR, code: "drill", connection: KEY, tunnel: 1, durationMs: 410 },
    text: "Drill: tunnel 1 was taken down on purpose; 0.4 s without an answer, up again after 3.1 s.",
  },
  {
    ...{ at: AT - 40 * MINUTE, code: "warning-shown", connection: KEY, warning: "source-failed" },
    text: "Heroku's details cannot be fetched: Heroku's API answered 503.",
  },
  {
    ...{ at: AT - 34 * MINUTE, code: "warning-cleared", connection: KEY, warning: "source-failed", durationMs: 6 * MINUTE },
    text: "No longer: Heroku's details cannot be fetched.",
  },
];

const FAILURE: readonly HistoryEvent[] = [
  { at: AT - 3 * MINUTE, code: "tunnel-silent", connection: KEY, tunnel: 2, text: "Tunnel 2 is up but passes nothing." },
  {
    at: AT - 3 * MINUTE + 3,
    code: "carrier-moved",
    connection: KEY,
    tunnel: 1,
    text: "Traffic moved from tunnel 2 to tunnel 1. Tunnel 2 passed nothing.",
  },
  { at: AT - 3 * MINUTE + 5400, code: "tunnel-down", connection: KEY, tunnel: 2, text: `Tunnel 2 is down. ${NO_ANSWER.text}` },
];

const tunnelDown = (tunnel: 1 | 2): Warning => ({
  ...{ code: "tunnel-down", severity: "warning", title: "A tunnel is down", since: AT - 3 * MINUTE + 5400 },
  ...{
    text: `Tunnel ${tunnel} to 34.227.70.143 has no CHILD_SA. ${NO_ANSWER.text}`,
    fix: NO_ANSWER.fix,
    connection: KEY,
    tunnel,
  },
});

export const healthy = (): Sample => ({
  status: gatewayStatus({ status: "ok", startedAt: AT - 50 * HOUR, connections: [office()], warnings: [] }),
  history: historyOf(EARLIER, { [CONN1]: hour({ base: 12, state: "carries" }), [CONN2]: hour({ base: 14, state: "ready" }) }),
});

export const degraded = (): Sample => ({
  status: gatewayStatus({
    ...{ status: "degraded", startedAt: AT - 50 * HOUR, warnings: [tunnelDown(2)] },
    connections: [office({ status: "degraded", tunnels: [tunnelStatus(1, UP), tunnelStatus(2, GONE)] })],
  }),
  history: historyOf([...EARLIER, ...FAILURE], {
    [CONN1]: hour({ base: 12, state: "carries" }),
    [CONN2]: hour({ base: 14, from: 228, instead: "down", state: "ready" }),
  }),
});

const SILENT: Partial<TunnelStatus> = {
  ...UP,
  ...{ passing: false, lossRatio: 1, since: AT - 26 * HOUR, lastPacketInAt: AT - 50_000 },
  reason: {
    code: "no-replies",
    text: "The CHILD_SA is installed, but nothing comes back through it.",
    fix: "Make sure that probe.target answers from the space; if it does, the way between the gateways drops ESP (UDP 4500 or protocol 50).",
  },
};

export const down = (): Sample => ({
  status: gatewayStatus({
    ...{ status: "down", startedAt: AT - 50 * HOUR },
    privatelinks: [linkStatus(), linkStatus({ ...LINK_UNPROVEN, name: "billing-postgres" })],
    connections: [office({ status: "down", tunnels: [tunnelStatus(1, SILENT), tunnelStatus(2, GONE)] })],
    warnings: [
      {
        ...{
          code: "connection-down",
          severity: "critical",
          title: "No tunnel carries traffic",
          connection: KEY,
          since: AT - 50_000,
        },
        ...{
          text: `Nothing passes to ${KEY}.`,
          fix: "See the tunnels' reasons; both are tried again and again. `spacegate plan` shows what is wanted.",
        },
      },
      tunnelDown(2),
    ],
  }),
  history: historyOf(
    [
      ...EARLIER,
      ...FAILURE,
      {
        at: AT - 50_000,
        code: "tunnel-silent",
        connection: KEY,
        tunnel: 1,
        text: `Tunnel 1 is up but passes nothing. ${SILENT.reason?.text}`,
      },
      { at: AT - 50_000, code: "outage-began", connection: KEY, text: "No tunnel carries traffic." },
    ],
    {
      [CONN1]: hour({ base: 12, from: 237, instead: "silent", state: "carries" }),
      [CONN2]: hour({ base: 14, from: 228, instead: "down", state: "ready" }),
    },
  ),
});

/** So many connections; the third is without a spare, the fifth is down. */
export const many = (count: number): Sample => {
  const connections = Array.from({ length: count }, (_, place) => {
    const own = {
      space: `space-${String(place + 1).padStart(2, "0")}`,
      name: place % 2 === 0 ? "office" : "datacenter-frankfurt",
    };
    const tunnels = [tunnelStatus(1, UP), tunnelStatus(2, UP)];
    if (place === 2) return office({ ...own, status: "degraded", tunnels: [tunnelStatus(1, UP), tunnelStatus(2, GONE)] });
    if (place === 4) return office({ ...own, status: "down", tunnels: [tunnelStatus(1, GONE), tunnelStatus(2, GONE)] });
    return office({ ...own, tunnels });
  });
  const warnings = [{ ...tunnelDown(2), connection: "space-03/office" }];
  return { status: gatewayStatus({ status: "degraded", connections, warnings }), history: historyOf(EARLIER, {}) };
};

export const HOSTILE = `<script>document.title="taken"</script><img src=x onerror="document.title='taken'">&"'{{7*7}}`;

/** Every text that comes from outside tries to be more than text. */
export const hostile = (): Sample => {
  const reason = { code: "provider-down", text: HOSTILE, fix: `\`${HOSTILE}\`` };
  const tunnels = [tunnelStatus(1, { ...UP, address: HOSTILE }), tunnelStatus(2, { ...GONE, reason, providerStatus: HOSTILE })];
  const connection = office({
    space: HOSTILE,
    name: HOSTILE,
    tunnels,
    providerStatus: HOSTILE,
    networks: { gateway: HOSTILE, local: [HOSTILE], space: HOSTILE },
  });
  const warning = {
    ...tunnelDown(2),
    title: HOSTILE,
    text: HOSTILE,
    fix: HOSTILE,
    code: HOSTILE,
    connection: `${HOSTILE}/${HOSTILE}`,
  };
  return {
    status: gatewayStatus({ version: HOSTILE, connections: [connection, office()], warnings: [warning] }),
    history: historyOf([{ at: AT, code: "warning-shown", connection: HOSTILE, warning: HOSTILE, text: HOSTILE }], {}),
  };
};
