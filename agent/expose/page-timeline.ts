import { lasted } from "../lib/duration.ts";
import { connectionKey } from "../model/connection.ts";
import type { EventCode, HistoryEvent } from "../model/history.ts";
import type { Status } from "../model/status.ts";
import { tunnelState } from "../model/tunnel-state.ts";
import { ago, clockTime } from "./page-words.ts";

/** As the template shows an event. */
export interface TimelineEntry {
  readonly key: string;
  readonly glyph: string;
  readonly iso: string;
  readonly time: string;
  readonly ago: string;
  readonly where: string;
  readonly text: string;
  /** How long it had lasted; "" when that is told in the text or there is nothing to tell. */
  readonly duration: string;
  /** It began and has not ended. */
  readonly ongoing: boolean;
}

const SHOWN = 80;

const GLYPHS: Readonly<Record<EventCode, string>> = {
  "agent-started": "note",
  "agent-stopped": "note",
  "tunnel-up": "ok",
  "tunnel-silent": "silent",
  "tunnel-down": "down",
  "tunnel-reason": "note",
  "outage-began": "down",
  "outage-ended": "ok",
  "carrier-moved": "move",
  rotated: "turn",
  drill: "turn",
  "warning-shown": "silent",
  "warning-cleared": "ok",
};

/** What begins, and the codes that end it. With policy routing a tunnel that is left is no longer expected to be up. */
const ENDS: Partial<Record<EventCode, readonly EventCode[]>> = {
  "tunnel-down": ["tunnel-up", "tunnel-silent"],
  "tunnel-silent": ["tunnel-up", "tunnel-down"],
  "outage-began": ["outage-ended"],
  "warning-shown": ["warning-cleared"],
};

const subject = ({ connection, tunnel, link, warning }: HistoryEvent, code: EventCode): string =>
  [code, connection ?? "", tunnel ?? "", link ?? "", warning ?? ""].join("|");

const idleTunnels = ({ connections }: Status): ReadonlySet<string> =>
  new Set(
    connections.flatMap((one) =>
      one.tunnels.filter((tunnel) => tunnelState(one, tunnel) === "idle").map(({ index }) => `${connectionKey(one)}#${index}`),
    ),
  );

/** These say their duration in their own words. */
const TELLS_ITSELF: ReadonlySet<EventCode> = new Set(["tunnel-up", "outage-ended", "drill"]);

/** The newest events, the newest first. `events` are oldest first. */
export const timeline = (events: readonly HistoryEvent[], status: Status): TimelineEntry[] => {
  const seen = new Set<string>();
  const idle = idleTunnels(status);
  const now = status.at;
  const entries = events.toReversed().map((event): TimelineEntry => {
    const ends = ENDS[event.code];
    const ended = [...(ends ?? []), event.code].some((code) => seen.has(subject(event, code)));
    const ongoing = ends !== undefined && !ended && !idle.has(`${event.connection}#${event.tunnel}`);
    seen.add(subject(event, event.code));
    const { at, code, connection, durationMs, text } = event;
    return {
      key: [at, code, connection ?? "", event.tunnel ?? "", event.link ?? "", event.warning ?? ""].join(" "),
      glyph: GLYPHS[code],
      iso: new Date(at).toISOString(),
      time: clockTime(at, now),
      ago: ago(at, now),
      where: connection ?? event.link ?? "",
      text,
      duration: durationMs === undefined || TELLS_ITSELF.has(code) ? "" : lasted(durationMs),
      ongoing,
    };
  });
  return entries.slice(0, SHOWN);
};
