import { appendFile, open } from "node:fs/promises";
import { writeAtomically } from "../lib/atomic-file.ts";
import { errnoOf, messageOf } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { type HistoryEvent, historyEventSchema } from "../model/history.ts";

export const EVENTS_PATH = "/var/lib/spacegate/events.jsonl";

/** So many events are kept; the file is written anew when it has twice as many lines. */
export const KEPT_EVENTS = 500;

/** The file of twice as many events of the greatest length is smaller; of a larger one only the end is read. */
const MAX_BYTES = 2 * 1024 * 1024;

const MODE = 0o600;

const parseLine = (line: string): HistoryEvent | undefined => {
  try {
    return historyEventSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
};

interface Kept {
  readonly events: readonly HistoryEvent[];
  /** Whether the file is as this program leaves it: every line whole, the right mode. */
  readonly sound: boolean;
}

const readKept = async (path: string): Promise<Kept> => {
  await using file = await open(path, "r");
  const { size, mode } = await file.stat();
  const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, MAX_BYTES)), {
    position: Math.max(0, size - MAX_BYTES),
  });
  const lines = buffer.toString("utf8", 0, bytesRead).split("\n");
  // A line that was cut short by a crash has no line break; whatever it says, it is not whole.
  const cut = lines.pop() !== "";
  const parsed = lines.map(parseLine);
  const events = parsed.filter((event) => event !== undefined);
  return { events, sound: !cut && size <= MAX_BYTES && events.length === parsed.length && (mode & 0o7777) === MODE };
};

const text = (events: readonly HistoryEvent[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join("");

/** What happened, one JSON object a line, kept over restarts in a file that does not grow for ever. */
export class EventLog {
  readonly #path: string;
  readonly #log: Log;
  #events: readonly HistoryEvent[];
  #lines: number;
  /** The file must be written anew before anything is added to it. */
  #unsound: boolean;
  #complained = false;
  #pending: readonly HistoryEvent[] = [];
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, log: Log, { events, sound }: Kept) {
    this.#path = path;
    this.#log = log;
    this.#events = events.slice(-KEPT_EVENTS);
    this.#lines = events.length;
    this.#unsound = !sound;
  }

  /** Reads what an earlier run kept. Never rejects: what cannot be read is left out, and said. */
  static async open(path: string, log: Log): Promise<EventLog> {
    try {
      const kept = await readKept(path);
      if (!kept.sound) log.warn({ path }, "the file of events was damaged; what could be read of it is kept");
      return new EventLog(path, log, kept);
    } catch (thrown) {
      const missing = errnoOf(thrown) === "ENOENT";
      if (!missing) log.warn({ path, error: messageOf(thrown) }, "the events of earlier runs cannot be read");
      return new EventLog(path, log, { events: [], sound: false });
    }
  }

  /** The newest ones, oldest first. */
  get events(): readonly HistoryEvent[] {
    return this.#events;
  }

  /** Remembers at once, writes soon. A disk that cannot be written to is told once and tried again with the next event. */
  add(events: readonly HistoryEvent[]): void {
    if (events.length === 0) return;
    this.#events = [...this.#events, ...events].slice(-KEPT_EVENTS);
    this.#pending = [...this.#pending, ...events];
    this.#writing = this.#writing.then(() => this.#write());
  }

  /** Resolves when everything is written. */
  close(): Promise<void> {
    return this.#writing;
  }

  async #write(): Promise<void> {
    const fresh = this.#pending;
    this.#pending = [];
    if (fresh.length === 0) return;
    try {
      if (this.#unsound || this.#lines + fresh.length > 2 * KEPT_EVENTS) await this.#rewrite();
      else await this.#append(fresh);
      this.#complained = false;
    } catch (thrown) {
      this.#unsound = true;
      if (!this.#complained) this.#log.warn({ path: this.#path, error: messageOf(thrown) }, "events cannot be written to disk");
      this.#complained = true;
    }
  }

  async #append(events: readonly HistoryEvent[]): Promise<void> {
    await appendFile(this.#path, text(events), { mode: MODE });
    this.#lines += events.length;
  }

  async #rewrite(): Promise<void> {
    // Whatever came meanwhile is among them.
    const events = this.#events;
    this.#pending = [];
    await writeAtomically({ path: this.#path, text: text(events), mode: MODE, directoryMode: 0o700 });
    this.#lines = events.length;
    this.#unsound = false;
  }
}
