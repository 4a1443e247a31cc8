import { formatDuration } from "../lib/duration.ts";
import { plain } from "./screen.ts";

/** Where progress goes: standard error, or a test's own. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const CLEAR_LINE = "\r\u001B[2K";

/** What a waiting person sees: on a terminal one line in place, elsewhere a line for each change. */
export class LineProgress {
  readonly #stream: ProgressStream;
  #last = "";
  #open = false;

  constructor(stream: ProgressStream) {
    this.#stream = stream;
  }

  /** A sentence that stays. */
  say(text: string): void {
    this.end();
    this.#stream.write(`${text}\n`);
  }

  /** What is going on now, and for how long. */
  show(text: string, elapsedMs: number): void {
    const line = `${plain(text)} (${formatDuration(elapsedMs)})`;
    if (this.#stream.isTTY) {
      // A line that wraps could not be written over.
      this.#stream.write(`${CLEAR_LINE}${this.#cut(text, formatDuration(elapsedMs))}`);
      this.#open = true;
    } else if (text !== this.#last) {
      this.#stream.write(`${line}\n`);
    }
    this.#last = text;
  }

  /** Takes the line in place away, so that what is written next begins a line of its own. */
  end(): void {
    if (this.#open) this.#stream.write(CLEAR_LINE);
    this.#open = false;
    this.#last = "";
  }

  /** The elapsed time is seen whatever the width. */
  #cut(text: string, elapsed: string): string {
    const room = Math.max((this.#stream.columns || 80) - elapsed.length - 4, 10);
    const words = plain(text);
    return `${words.length > room ? `${words.slice(0, room - 1)}…` : words} (${elapsed})`;
  }
}
