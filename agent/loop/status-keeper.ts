import type { HealthMemory } from "../health/evaluate.ts";
import type { Status } from "../model/status.ts";
import { type Known, takeSnapshot } from "./snapshot.ts";
import { buildStatus } from "./status-view.ts";

/** Makes the snapshot that everyone else reads, anew whenever something changed, and when a warning's time has come. */
export class StatusKeeper {
  readonly #known: () => Known;
  readonly #onStatus: (status: Status) => void;
  #memory: HealthMemory = new Map();
  #status: Status;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(known: () => Known, onStatus: (status: Status) => void) {
    this.#known = known;
    this.#onStatus = onStatus;
    this.#status = this.#build();
  }

  get status(): Status {
    return this.#status;
  }

  publish(): void {
    if (this.#stopped) return;
    this.#status = this.#build();
    this.#onStatus(this.#status);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #build(): Status {
    const { status, memory, nextMs } = buildStatus(takeSnapshot(this.#known()), this.#memory);
    this.#memory = memory;
    clearTimeout(this.#timer);
    if (nextMs !== null) this.#timer = setTimeout(() => this.publish(), nextMs + 1);
    return status;
  }
}
