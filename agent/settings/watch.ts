import { realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { type Clock, systemClock } from "../lib/clock.ts";
import { SpacegateError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { Settings } from "../model/settings.ts";
import { type DirectoryWatch, type WatchDirectory, watchDirectory } from "./directory.ts";

export interface SettingsWatcherOptions {
  readonly file: string;
  /** The settings in force, as `read` would give them. */
  readonly current: Settings;
  /** Throws SETTINGS_INVALID for what must not come into force. */
  readonly read: () => Promise<Settings>;
  /** A good change, and also the file's return to what is in force after it was refused. */
  readonly onChange: (settings: Settings) => void;
  /** SETTINGS_INVALID: the settings in force stay so. Called once for each new set of problems. */
  readonly onRefused: (error: SpacegateError) => void;
  readonly log: Log;
  /** Editors write in several steps: this long after the last event the file is read. */
  readonly debounceMs?: number;
  readonly clock?: Clock;
  readonly watch?: WatchDirectory;
}

/** Without watches the file is still read at SIGHUP, through `look`. */
const BLIND = "The settings file is not watched: changes are seen at SIGHUP or restart only";

/**
 * Watches the directory of the settings file, because editors and configuration management replace the file
 * (rename, symlink swap) rather than write into it.
 */
export class SettingsWatcher {
  readonly #options: SettingsWatcherOptions;
  readonly #clock: Clock;
  #watch: DirectoryWatch | undefined;
  #pause = new AbortController();
  #looking: Promise<void> = Promise.resolve();
  /** What the last look found, so that the same find is not told twice. */
  #lastSeen: string;
  #stopped = false;

  constructor(options: SettingsWatcherOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#lastSeen = JSON.stringify(options.current);
  }

  /** Resolves when every later change will be seen; a change since `current` was read has been told by then. */
  async start(): Promise<void> {
    const { file, log, watch = watchDirectory } = this.#options;
    try {
      this.#watch = await watch(dirname(file), {
        onEvent: () => void this.#lookSoon(),
        onError: (err) => log.warn({ err, file }, BLIND),
      });
    } catch (err) {
      log.warn({ err, file }, BLIND);
    }
    await this.look();
  }

  /** Reads the file now; looks never overlap. */
  look(): Promise<void> {
    const look = this.#looking.then(() => this.#look());
    this.#looking = look.catch(() => undefined);
    return look;
  }

  /** After it resolves nothing is told any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#pause.abort();
    await this.#watch?.close();
    await this.#looking;
  }

  async #lookSoon(): Promise<void> {
    this.#pause.abort();
    this.#pause = new AbortController();
    const { signal } = this.#pause;
    const rested = await this.#clock.sleep(this.#options.debounceMs ?? 100, signal).then(
      () => !signal.aborted,
      () => false,
    );
    if (rested) await this.look().catch((err: unknown) => this.#options.log.error({ err }, "A change of the settings failed"));
  }

  /** The file may be a symbolic link into a directory of its own, and may lead elsewhere after every change. */
  async #followLink(): Promise<void> {
    const target = await realpath(this.#options.file).catch(() => this.#options.file);
    if (!this.#stopped) this.#watch?.add(dirname(target));
  }

  async #look(): Promise<void> {
    await this.#followLink();
    const found = await this.#options.read().catch((thrown: unknown) => {
      if (thrown instanceof SpacegateError) return thrown;
      throw thrown;
    });
    const seen = found instanceof SpacegateError ? found.message : JSON.stringify(found);
    if (this.#stopped || seen === this.#lastSeen) return;
    this.#lastSeen = seen;
    if (found instanceof SpacegateError) this.#options.onRefused(found);
    else this.#options.onChange(found);
  }
}
