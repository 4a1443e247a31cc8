import type { HealthMemory } from "../health/evaluate.ts";
import type { Status } from "../model/status.ts";
import { type Known, takeSnapshot } from "./snapshot.ts";
import { buildStatus } from "./status-view.ts";

/** Makes the snapshot that everyone else reads, anew whenever something changed, and when a warning's time has come. */
export class StatusKeeper {
  readonly #known: () => Known;
  #memory: HealthMemory = new Map();
  #status: Status;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(known: () => Known) {
    this.#known = known;
    this.#status = this.#build();
  }

  get status(): Status {
    return this.#status;
  }

  publish(): void {
    if (!this.#stopped) this.#status = this.#build();
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
