import type { HealthMemory } from "../health/evaluate.ts";
import type { Status } from "../model/status.ts";
import { type Known, takeSnapshot } from "./snapshot.ts";
import { buildStatus } from "./status-view.ts";

/**
 * Makes the snapshot that everyone else reads, anew when something changed or a warning's time has come. Many changes may come
 * at once, so it is made when somebody asks for it, or else as soon as there is nothing more urgent.
 */
export class StatusKeeper {
  readonly #known: () => Known;
  readonly #onStatus: (status: Status) => void;
  #memory: HealthMemory = new Map();
  #status: Status;
  #timer: NodeJS.Timeout | undefined;
  #stale = false;
  #telling: NodeJS.Immediate | undefined;
  #stopped = false;

  constructor(known: () => Known, onStatus: (status: Status) => void) {
    this.#known = known;
    this.#onStatus = onStatus;
    this.#status = this.#build();
  }

  get status(): Status {
    if (this.#stale) this.#status = this.#build();
    return this.#status;
  }

  /** Something changed. */
  publish(): void {
    if (this.#stopped) return;
    this.#stale = true;
    this.#telling ??= setImmediate(() => {
      this.#telling = undefined;
      this.#onStatus(this.status);
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#telling);
  }

  #build(): Status {
    this.#stale = false;
    const { status, memory, nextMs } = buildStatus(takeSnapshot(this.#known()), this.#memory);
    this.#memory = memory;
    clearTimeout(this.#timer);
    if (nextMs !== null && !this.#stopped) this.#timer = setTimeout(() => this.publish(), nextMs + 1);
    return status;
  }
}
