/**
 * Runs one piece of work at a time. Invariants: at most one run is under way; a request made while one runs causes exactly
 * one more, which starts after it and so sees everything that happened before the request; a run that throws ends nothing.
 */
export class SingleFlight {
  readonly #work: () => Promise<void>;
  readonly #onError: (thrown: unknown) => void;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(work: () => Promise<void>, onError: (thrown: unknown) => void) {
    this.#work = work;
    this.#onError = onError;
  }

  /** Returns at once. */
  request(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#running ??= this.#run();
  }

  /** Resolves when nothing runs and nothing is requested. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Takes no more requests; resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#again = false;
    await this.idle();
  }

  async #run(): Promise<void> {
    // Whoever requests wants a run that starts later, not one inside its own call.
    await Promise.resolve();
    while (this.#again) {
      this.#again = false;
      try {
        await this.#work();
      } catch (thrown) {
        this.#onError(thrown);
      }
    }
    this.#running = undefined;
  }
}
