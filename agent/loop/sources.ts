import type { Settings } from "../model/settings.ts";
import type { SourceState } from "../model/source.ts";
import type { ConnectionPoller } from "../source/index.ts";
import type { FileWatch } from "../source/watch.ts";

export interface SourcesDeps {
  /** A poller for these settings, not started. */
  readonly makePoller: (settings: Settings) => ConnectionPoller;
  readonly watchFile: (path: string, onChange: () => void) => Promise<FileWatch>;
}

const sameSource = (a: Settings, b: Settings): boolean => JSON.stringify(a.heroku) === JSON.stringify(b.heroku);

/** The poller that the settings in force ask for; another source means another poller. */
export class Sources {
  readonly #deps: SourcesDeps;
  #settings: Settings;
  #poller: ConnectionPoller;
  #watch: FileWatch | undefined;

  constructor(settings: Settings, deps: SourcesDeps) {
    this.#deps = deps;
    this.#settings = settings;
    this.#poller = deps.makePoller(settings);
  }

  states(): readonly SourceState[] {
    return this.#poller.states();
  }

  /** Resolves when every connection has had an answer or an error. */
  async start(): Promise<void> {
    await this.#poller.start(this.#settings.connections);
    const { file } = this.#settings.heroku;
    if (file !== undefined) this.#watch = await this.#deps.watchFile(file, () => void this.refresh());
  }

  refresh(): Promise<void> {
    return this.#poller.refresh();
  }

  async use(settings: Settings): Promise<void> {
    const before = this.#settings;
    this.#settings = settings;
    if (sameSource(before, settings)) return this.#poller.setRefs(settings.connections);
    const old = this.#poller;
    this.#poller = this.#deps.makePoller(settings);
    await Promise.all([old.stop(), this.#watch?.close()]);
    this.#watch = undefined;
    return this.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#poller.stop(), this.#watch?.close()]);
  }
}
