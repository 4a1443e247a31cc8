import { createLimit } from "../../lib/limit.ts";
import type { KeeperDeps, LinkEntry } from "./keeper-seams.ts";
import { LinkWatch } from "./link-watch.ts";

/** So many links are looked at at a time. */
const AT_ONCE = 4;

const isSame = (a: LinkEntry, b: LinkEntry): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Looks after every declared link, each in a loop of its own. Nothing that goes wrong here reaches anybody else. */
export class LinkKeeper {
  readonly #deps: KeeperDeps;
  readonly #limit = createLimit(AT_ONCE);
  readonly #watches = new Map<string, LinkWatch>();
  #changing: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
  }

  /**
   * From now on exactly these links are looked after. One that is not among them any more is left as it is; one that is declared
   * otherwise is looked after anew, and never by two at a time. Resolves when all of them are.
   */
  use(entries: readonly LinkEntry[]): Promise<void> {
    this.#changing = this.#changing.then(() => this.#use(entries));
    return this.#changing;
  }

  /** Resolves when nothing is under way any more. Nothing at Heroku or AWS is undone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.use([]);
  }

  async #use(entries: readonly LinkEntry[]): Promise<void> {
    const wanted = new Map(entries.map((entry) => [entry.wanted.name, entry]));
    const outdated = [...this.#watches].filter(([name, { entry }]) => {
      const next = wanted.get(name);
      return !next || !isSame(next, entry);
    });
    await Promise.all(outdated.map(([, watch]) => watch.stop()));
    for (const [name] of outdated) this.#watches.delete(name);
    const kept = new Map(this.#watches);
    this.#watches.clear();
    for (const [name, entry] of wanted) this.#watches.set(name, kept.get(name) ?? this.#watch(entry));
    this.#tell();
    for (const watch of this.#watches.values()) watch.start();
  }

  #watch(entry: LinkEntry): LinkWatch {
    return new LinkWatch(entry, { ...this.#deps, limit: this.#limit, onChange: () => this.#tell() });
  }

  #tell(): void {
    if (!this.#stopped) this.#deps.onStatus([...this.#watches.values()].map(({ status }) => status));
  }
}
