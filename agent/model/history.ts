import * as z from "zod";
import type { TunnelState } from "./tunnel-state.ts";

export const EVENT_CODES = [
  "agent-started",
  "agent-stopped",
  "tunnel-up",
  "tunnel-silent",
  "tunnel-down",
  "tunnel-reason",
  "outage-began",
  "outage-ended",
  "carrier-moved",
  "rotated",
  "drill",
  "warning-shown",
  "warning-cleared",
] as const;

export type EventCode = (typeof EVENT_CODES)[number];

const MAX_TEXT = 600;

/** Something that happened, as it is kept over restarts. */
export const historyEventSchema = z.object({
  /** Milliseconds since the epoch, as far as a date reaches: the status page shows every event. */
  at: z.number().min(0).max(8.64e15),
  code: z.enum(EVENT_CODES),
  /** "acme-space/office" when it is about one connection. */
  connection: z.string().optional(),
  /** For carrier-moved the tunnel that carries from then on. */
  tunnel: z.union([z.literal(1), z.literal(2)]).optional(),
  /** The name of the PrivateLink that it is about. */
  link: z.string().optional(),
  /** One or two sentences. */
  text: z.string().max(MAX_TEXT),
  /** How long that had lasted which ended with this event, milliseconds. */
  durationMs: z.number().nonnegative().optional(),
  /** The code of the warning that was shown or cleared. */
  warning: z.string().optional(),
});

export type HistoryEvent = z.infer<typeof historyEventSchema>;

/** The text as an event may have it. */
export const eventText = (text: string): string => (text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`);

/** What one tunnel's probes said, and how the tunnel was, during one piece of time. */
export interface SeriesPoint {
  readonly sent: number;
  readonly lost: number;
  /** Round trips in milliseconds; null when no probe was answered. */
  readonly medianMs: number | null;
  readonly maxMs: number | null;
  /** The worst that was seen; null when nobody looked. */
  readonly state: TunnelState | null;
}

/** The agent's memory of what was. */
export interface History {
  /** The newest ones, oldest first. */
  events(): readonly HistoryEvent[];
  /** The last hour of one tunnel (by its conn), oldest first; always the same number of points. */
  series(conn: string): readonly SeriesPoint[];
  /** The time that one point stands for, milliseconds. */
  readonly pointMs: number;
}
