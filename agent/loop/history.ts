import { join } from "node:path";
import { EVENTS_PATH, EventLog } from "../history/event-log.ts";
import { advance } from "../history/events.ts";
import { recall } from "../history/recall.ts";
import { POINT_MS, SeriesBook } from "../history/series.ts";
import type { Clock } from "../lib/clock.ts";
import { lasted } from "../lib/duration.ts";
import type { Log } from "../lib/log.ts";
import type { History, HistoryEvent } from "../model/history.ts";
import type { Status } from "../model/status.ts";
import { tunnelState } from "../model/tunnel-state.ts";
import type { Follower } from "./follower.ts";

export interface RecorderDeps {
  readonly root: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
}

export interface Recorder {
  readonly history: History;
  readonly follower: Follower;
  /** Writes that the agent has started: not before it serves, or every try of one that cannot would be written. */
  start(): void;
  /** Writes that the agent stops, and resolves when everything is on disk. */
  stop(): Promise<void>;
}

const startEvent = (events: readonly HistoryEvent[], version: string, at: number): HistoryEvent => {
  const last = events.at(-1);
  const text = `The agent started, version ${version}`;
  if (last?.code !== "agent-stopped")
    return { at, code: "agent-started", text: last ? `${text}; the one before it ended without a word.` : `${text}.` };
  const durationMs = Math.max(0, at - last.at);
  return { at, code: "agent-started", text: `${text}, after ${lasted(durationMs)}.`, durationMs };
};

const statesOf = ({ connections }: Status) =>
  new Map(connections.flatMap((one) => one.tunnels.map((tunnel) => [tunnel.conn, tunnelState(one, tunnel)] as const)));

/** Writes down how things go: what happened, over restarts, and the last hour of every tunnel. */
export const openRecorder = async ({ root, clock, log, version }: RecorderDeps): Promise<Recorder> => {
  const kept = await EventLog.open(join(root, EVENTS_PATH), log);
  const series = new SeriesBook();
  let memory = recall(kept.events);
  return {
    history: {
      events: () => kept.events,
      series: (conn) => series.read(conn, clock.monotonic()),
      pointMs: POINT_MS,
    },
    follower: {
      probe: (conn, rttMs) => series.probe(conn, rttMs, clock.monotonic()),
      status: (status) => {
        const next = advance(memory, status);
        memory = next.memory;
        kept.add(next.events);
        if (status.ready) series.look(statesOf(status), clock.monotonic());
      },
    },
    start: () => kept.add([startEvent(kept.events, version, clock.now())]),
    stop: async () => {
      kept.add([{ at: clock.now(), code: "agent-stopped", text: "The agent stopped; the tunnels stay as they are." }]);
      await kept.close();
    },
  };
};
