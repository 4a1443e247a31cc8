import type { Settings } from "../model/settings.ts";
import type { SourceState } from "../model/source.ts";
import type { ConnectionPoller } from "../source/index.ts";
import type { FileWatch } from "../source/watch.ts";

type Poller = Pick<ConnectionPoller, "start" | "setRefs" | "refresh" | "states" | "stop">;

export interface SourcesDeps {
  /** A poller for these settings, not started. */
  readonly makePoller: (settings: Settings) => Poller;
  readonly watchFile: (path: string, onChange: () => void) => Promise<FileWatch>;
}

const sameSource = (a: Settings, b: Settings): boolean => JSON.stringify(a.heroku) === JSON.stringify(b.heroku);

/** The poller that the settings in force ask for; another source means another poller. */
export class Sources {
  readonly #deps: SourcesDeps;
  #settings: Settings;
  #poller: Poller;
  #watch: FileWatch | undefined;
  #stopped = false;

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
    const poller = this.#poller;
    // What is waited for below may take long, and other settings may be in force by then.
    const isCurrent = (): boolean => poller === this.#poller && !this.#stopped;
    const { connections, heroku } = this.#settings;
    await poller.start(connections);
    if (heroku.file === undefined || !isCurrent()) return;
    const watch = await this.#deps.watchFile(heroku.file, () => void this.refresh());
    if (isCurrent()) this.#watch = watch;
    else await watch.close();
  }

  refresh(): Promise<void> {
    return this.#poller.refresh();
  }

  async use(settings: Settings): Promise<void> {
    const before = this.#settings;
    this.#settings = settings;
    if (sameSource(before, settings)) return this.#poller.setRefs(settings.connections);
    const [old, watch] = [this.#poller, this.#watch];
    const poller = this.#deps.makePoller(settings);
    this.#poller = poller;
    this.#watch = undefined;
    await Promise.all([old.stop(), watch?.close()]);
    // Another one may have come meanwhile, and is started by whoever made it.
    if (poller === this.#poller) await this.start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([this.#poller.stop(), this.#watch?.close()]);
  }
}
