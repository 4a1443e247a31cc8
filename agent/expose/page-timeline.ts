import type { EventCode, HistoryEvent } from "../model/history.ts";
import { ago, clockTime, lasted } from "./page-words.ts";

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
  "tunnel-idle": "note",
  "outage-began": "down",
  "outage-ended": "ok",
  "carrier-moved": "move",
  rotated: "turn",
  drill: "turn",
  "warning-shown": "silent",
  "warning-cleared": "ok",
};

/** What begins, and the codes that end it. */
const ENDS: Partial<Record<EventCode, readonly EventCode[]>> = {
  "tunnel-down": ["tunnel-up", "tunnel-idle", "tunnel-silent"],
  "tunnel-silent": ["tunnel-up", "tunnel-idle", "tunnel-down"],
  "outage-began": ["outage-ended"],
  "warning-shown": ["warning-cleared"],
};

const subject = ({ connection, tunnel, warning }: HistoryEvent, code: EventCode): string =>
  [code, connection ?? "", tunnel ?? "", warning ?? ""].join("|");

/** These say their duration in their own words. */
const TELLS_ITSELF: ReadonlySet<EventCode> = new Set(["tunnel-up", "outage-ended", "drill"]);

/** The newest events, the newest first. `events` are oldest first. */
export const timeline = (events: readonly HistoryEvent[], now: number): TimelineEntry[] => {
  const seen = new Set<string>();
  const entries = events.toReversed().map((event): TimelineEntry => {
    const ends = ENDS[event.code];
    const ongoing = ends !== undefined && ![...ends, event.code].some((code) => seen.has(subject(event, code)));
    seen.add(subject(event, event.code));
    const { at, code, connection, durationMs, text } = event;
    return {
      key: [at, code, connection ?? "", event.tunnel ?? "", event.warning ?? ""].join(" "),
      glyph: GLYPHS[code],
      iso: new Date(at).toISOString(),
      time: clockTime(at, now),
      ago: ago(at, now),
      where: connection ?? "",
      text,
      duration: durationMs === undefined || TELLS_ITSELF.has(code) ? "" : lasted(durationMs),
      ongoing,
    };
  });
  return entries.slice(0, SHOWN);
};
