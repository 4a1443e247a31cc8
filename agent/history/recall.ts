import type { EventCode, HistoryEvent } from "../model/history.ts";
import { type HistoryMemory, tunnelKey } from "./events.ts";
import { NEW_MARK, type TunnelLevel, type TunnelMark } from "./tunnel-events.ts";

const LEVELS: Partial<Record<EventCode, TunnelLevel>> = {
  "tunnel-up": "well",
  "tunnel-silent": "silent",
  "tunnel-down": "down",
};

/** Which reason was told is not kept: that of a trouble that goes on over a restart may be told once more. */
const recallTunnel = (before: TunnelMark, level: TunnelLevel, at: number): TunnelMark =>
  level === "well"
    ? { ...NEW_MARK, level }
    : { ...before, level, troubleSince: before.troubleSince ?? at, told: [...before.told, level] };

/** Rebuilds what is remembered from the events that an earlier run kept, so that what it saw begin can end. */
export const recall = (events: readonly HistoryEvent[]): HistoryMemory => {
  const tunnels = new Map<string, TunnelMark>();
  const outages = new Map<string, number>();
  const carriers = new Map<string, 1 | 2>();
  const drills = new Map<string, number>();
  const warnings = new Map<string, { since: number; title: string }>();
  for (const event of events) {
    const { at, code, connection, tunnel, link, warning, text } = event;
    const held = [warning ?? "", connection ?? "", tunnel ?? "", link ?? ""].join("|");
    if (code === "warning-shown") warnings.set(held, { since: at, title: text.split(": ", 1)[0] ?? "" });
    if (code === "warning-cleared") warnings.delete(held);
    if (connection === undefined) continue;
    if (code === "outage-began") outages.set(connection, at);
    if (code === "outage-ended") outages.delete(connection);
    if (code === "drill") drills.set(connection, at);
    if (tunnel === undefined) continue;
    if (code === "carrier-moved") carriers.set(connection, tunnel);
    const key = tunnelKey(connection, tunnel);
    const level = LEVELS[code];
    if (level) tunnels.set(key, recallTunnel(tunnels.get(key) ?? NEW_MARK, level, at));
  }
  return { tunnels, outages, carriers, drills, warnings };
};
