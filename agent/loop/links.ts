import { messageOf } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { LinkStatus } from "../model/privatelink.ts";
import type { LinkSettings } from "../model/privatelink-settings.ts";
import type { Settings } from "../model/settings.ts";

type OnStatus = (links: readonly LinkStatus[]) => void;

/** What looks after links; `agent/privatelink/loop` has it. */
export interface Keeper {
  use(links: readonly LinkSettings[]): Promise<void>;
  stop(): Promise<void>;
}

/** Loads the keeper and everything that it needs. */
export type OpenKeeper = (onStatus: OnStatus) => Promise<Keeper>;

/** The declared links' part of the daemon: nothing of it is loaded before a link is declared, and nothing of it harms the tunnels. */
export class Links {
  readonly #open: OpenKeeper;
  readonly #onStatus: OnStatus;
  readonly #log: Log;
  #keeper: Keeper | undefined;
  #changing: Promise<void> = Promise.resolve();

  constructor(open: OpenKeeper, onStatus: OnStatus, log: Log) {
    this.#open = open;
    this.#onStatus = onStatus;
    this.#log = log;
  }

  /** Returns at once. What goes wrong is logged. */
  use({ privatelinks }: Settings): void {
    this.#next(async () => {
      if (privatelinks.length > 0) this.#keeper ??= await this.#open(this.#onStatus);
      await this.#keeper?.use(privatelinks);
    });
  }

  async stop(): Promise<void> {
    this.#next(async () => this.#keeper?.stop());
    await this.#changing;
  }

  #next(work: () => Promise<unknown>): void {
    this.#changing = this.#changing
      .then(work)
      .then(() => undefined)
      .catch((thrown: unknown) => this.#log.error({ error: messageOf(thrown) }, "PrivateLinks cannot be looked after"));
  }
}
