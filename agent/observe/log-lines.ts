interface Line {
  readonly at: number;
  readonly text: string;
}

const KEPT = 500;

/** charon's newest log lines, for saying in its own words what went wrong. Moments are monotonic milliseconds. */
export class LogLines {
  #lines: Line[] = [];

  add(text: string, at: number): void {
    this.#lines.push({ at, text });
    if (this.#lines.length > 2 * KEPT) this.#lines = this.#lines.slice(-KEPT);
  }

  since(moment: number): readonly string[] {
    return this.#lines.filter((line) => line.at >= moment).map((line) => line.text);
  }
}
