import type { LogLevel } from "./log.ts";

/** As much of a logger as a switch needs. */
interface Levelled {
  level: string;
  info(fields: object, message: string): void;
}

/** The level that the settings ask for, and another one for as long as somebody at the keyboard wants it. */
export class LogSwitch {
  readonly #log: Levelled;
  #asked: LogLevel;
  #switched = false;

  constructor(log: Levelled, asked: LogLevel) {
    this.#log = log;
    this.#asked = asked;
  }

  /** To debug and back; where the settings ask for debug, to info and back. */
  toggle(): void {
    this.#switched = !this.#switched;
    const other = this.#asked === "debug" ? "info" : "debug";
    const level = this.#switched ? other : this.#asked;
    // One of the two levels is debug: at that one it is told, so that it is told at all.
    this.#log.level = "debug";
    this.#log.info({ level }, `SIGUSR1: the log level is ${level}; the next one changes it back`);
    this.#log.level = level;
  }

  /** What the settings ask for now. A level that they did not change stays switched. */
  use(asked: LogLevel): void {
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#switched = false;
    this.#log.level = asked;
  }
}
