import { lasted } from "../lib/duration.ts";
import { connectionKey } from "../model/connection.ts";
import { eventText, type HistoryEvent } from "../model/history.ts";
import type { ConnectionStatus, Status, Warning } from "../model/status.ts";
import { isProven, isTrouble, NEW_MARK, type TunnelMark, watchTunnel } from "./tunnel-events.ts";

/** A warning that was shown and has not been cleared. */
interface Shown {
  readonly since: number;
  readonly title: string;
}

/** What is remembered of the statuses before; it can be rebuilt from the events that were kept. */
export interface HistoryMemory {
  /** By "acme-space/office#1". */
  readonly tunnels: ReadonlyMap<string, TunnelMark>;
  /** By connection: when its outage began. */
  readonly outages: ReadonlyMap<string, number>;
  readonly carriers: ReadonlyMap<string, 1 | 2>;
  readonly drills: ReadonlyMap<string, number>;
  readonly warnings: ReadonlyMap<string, Shown>;
}

export const NO_MEMORY: HistoryMemory = {
  tunnels: new Map(),
  outages: new Map(),
  carriers: new Map(),
  drills: new Map(),
  warnings: new Map(),
};

export interface Advance {
  readonly memory: HistoryMemory;
  readonly events: readonly HistoryEvent[];
}

/** These have events of their own, which come at once and tell more. */
const TOLD_OTHERWISE: ReadonlySet<string> = new Set(["tunnel-down", "tunnel-not-passing", "connection-down"]);

export const tunnelKey = (connection: string, tunnel: 1 | 2): string => `${connection}#${tunnel}`;

const warningKey = ({ code, connection, tunnel, link }: Warning): string =>
  [code, connection ?? "", tunnel ?? "", link ?? ""].join("|");

const WHY_LEFT = {
  silent: " Tunnel %d passed nothing.",
  down: " Tunnel %d was down.",
  unborn: " Tunnel %d did not come up.",
  idle: "",
  well: "",
} as const;

const watchCarrier = (
  connection: ConnectionStatus,
  memory: HistoryMemory,
  tunnels: ReadonlyMap<string, TunnelMark>,
  at: number,
): HistoryEvent[] => {
  const key = connectionKey(connection);
  const from = memory.carriers.get(key);
  const { carrier } = connection;
  if (from === undefined || carrier === null || carrier === from) return [];
  const left = tunnelKey(key, from);
  // With policy routing the tunnel that was left is idle at once: what it was before tells why.
  const marks = [tunnels.get(left), memory.tunnels.get(left)];
  const sick = marks.find((mark) => mark && isTrouble(mark.level))?.level ?? "well";
  const why = WHY_LEFT[sick].replace("%d", String(from));
  const text = `Traffic moved from tunnel ${from} to tunnel ${carrier}.${why}`;
  return [{ at, code: "carrier-moved", connection: key, tunnel: carrier, text }];
};

const watchOutage = (connection: ConnectionStatus, since: number | undefined, at: number): HistoryEvent[] => {
  const key = connectionKey(connection);
  if (connection.status === "down" && since === undefined)
    return [{ at, code: "outage-began", connection: key, text: "No tunnel carries traffic." }];
  if (since === undefined || !connection.tunnels.some((tunnel) => isProven(tunnel, at))) return [];
  const durationMs = Math.max(0, at - since);
  return [{ at, code: "outage-ended", connection: key, text: `Traffic passes again after ${lasted(durationMs)}.`, durationMs }];
};

const onlyKnown = <Value>(key: string, value: Value | undefined): ReadonlyMap<string, Value> =>
  new Map(value === undefined ? [] : [[key, value]]);

const watchConnection = (connection: ConnectionStatus, memory: HistoryMemory, at: number): Advance => {
  const key = connectionKey(connection);
  const told = connection.tunnels.map((tunnel) => {
    const name = tunnelKey(key, tunnel.index);
    return [name, watchTunnel(memory.tunnels.get(name) ?? NEW_MARK, connection, tunnel, at)] as const;
  });
  const tunnels = new Map(told.map(([name, { mark }]) => [name, mark]));
  const since = memory.outages.get(key);
  const outage = watchOutage(connection, since, at);
  // While nothing passes, traffic is led from one tunnel to the other again and again: where it went in the end is what counts.
  const wanders = since !== undefined && outage.length === 0;
  const ended = outage.some(({ code }) => code === "outage-ended");
  return {
    memory: {
      ...NO_MEMORY,
      tunnels,
      outages: onlyKnown(key, ended ? undefined : (since ?? outage[0]?.at)),
      carriers: onlyKnown(key, (wanders ? null : connection.carrier) ?? memory.carriers.get(key)),
    },
    events: [
      ...told.flatMap(([, { events }]) => events),
      ...(wanders ? [] : watchCarrier(connection, memory, tunnels, at)),
      ...outage,
    ],
  };
};

const watchWarnings = (warnings: readonly Warning[], memory: HistoryMemory, at: number): Advance => {
  const now = new Map<string, Warning>();
  for (const warning of warnings) if (!TOLD_OTHERWISE.has(warning.code)) now.set(warningKey(warning), warning);
  const about = ([code = "", connection, tunnel, link]: readonly string[]) => ({
    warning: code,
    ...(connection ? { connection } : {}),
    ...(tunnel ? { tunnel: tunnel === "1" ? (1 as const) : (2 as const) } : {}),
    ...(link ? { link } : {}),
  });
  const shown = [...now].filter(([key]) => !memory.warnings.has(key));
  const cleared = [...memory.warnings].filter(([key]) => !now.has(key));
  const memories = [...now].map(([key, { title }]) => [key, memory.warnings.get(key) ?? { since: at, title }] as const);
  return {
    memory: { ...NO_MEMORY, warnings: new Map(memories) },
    events: [
      ...shown.map(([key, { title, text }]): HistoryEvent => {
        return { at, code: "warning-shown", ...about(key.split("|")), text: eventText(`${title}: ${text}`) };
      }),
      ...cleared.map(([key, { title, since }]): HistoryEvent => {
        const durationMs = Math.max(0, at - since);
        return { at, code: "warning-cleared", ...about(key.split("|")), text: eventText(`No longer: ${title}.`), durationMs };
      }),
    ],
  };
};

const watchDrills = ({ drills, startedAt }: Status, known: ReadonlyMap<string, number>): Advance => {
  const fresh = drills.filter(({ space, connection: name, at }) => {
    const before = known.get(connectionKey({ space, name }));
    return before === undefined ? at >= startedAt : at > before;
  });
  return {
    memory: {
      ...NO_MEMORY,
      drills: new Map([
        ...known,
        ...drills.map(({ space, connection: name, at }) => [connectionKey({ space, name }), at] as const),
      ]),
    },
    events: fresh.map(({ space, connection: name, tunnel, outageS, restoredS, at }) => ({
      ...{ at, code: "drill" as const, connection: connectionKey({ space, name }), tunnel, durationMs: outageS * 1000 },
      text: `Drill: tunnel ${tunnel} was taken down on purpose; ${lasted(outageS * 1000)} without an answer, up again after ${lasted(restoredS * 1000)}.`,
    })),
  };
};

const merged = <Value>(maps: readonly ReadonlyMap<string, Value>[]): ReadonlyMap<string, Value> =>
  new Map(maps.flatMap((map) => [...map]));

/**
 * Holds a status against what is remembered of those before, and tells what happened in between. A status from before the first
 * pass says nothing about the tunnels and is passed over.
 */
export const advance = (memory: HistoryMemory, status: Status): Advance => {
  if (!status.ready) return { memory, events: [] };
  const parts = [
    ...status.connections.map((connection) => watchConnection(connection, memory, status.at)),
    watchWarnings(status.warnings, memory, status.at),
    watchDrills(status, memory.drills),
  ];
  const of = <Key extends keyof HistoryMemory>(key: Key) => parts.map((part) => part.memory[key]);
  return {
    memory: {
      tunnels: merged(of("tunnels")),
      outages: merged(of("outages")),
      carriers: merged(of("carriers")),
      drills: merged(of("drills")),
      warnings: merged(of("warnings")),
    },
    events: parts.flatMap((part) => part.events),
  };
};
