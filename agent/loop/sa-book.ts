import type { Log } from "../lib/log.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import type { ObservedIke } from "../model/observed.ts";
import type { Settings } from "../model/settings.ts";
import type { Liveness } from "./liveness.ts";
import { mergeEvent, type Updown } from "./merge-event.ts";
import { Newest } from "./newest.ts";
import type { TunnelMemory } from "./tunnel-memory.ts";

/** What the SAs are held against. */
export interface WantedTunnels {
  readonly settings: Settings;
  readonly tunnels: readonly DesiredTunnel[];
  /** This host's own. */
  readonly addresses: readonly string[];
}

export interface SaBookDeps {
  readonly log: Log;
  readonly listSas: () => Promise<readonly ObservedIke[]>;
  readonly tunnels: TunnelMemory;
  readonly liveness: Liveness;
  /** As they are now. */
  readonly wanted: () => WantedTunnels;
}

/** Takes in what charon says of its SAs, in whatever order it comes, and has what proves the tunnels follow. */
export class SaBook {
  readonly #deps: SaBookDeps;
  readonly #newest: Newest<readonly ObservedIke[]>;
  #stopped = false;

  constructor(deps: SaBookDeps) {
    this.#deps = deps;
    this.#newest = new Newest(deps.listSas);
  }

  /** Asks charon, and takes its answer in unless something newer is known by then. Rejects as the question does. */
  async ask(): Promise<void> {
    const sas = await this.#newest.ask();
    if (sas) this.#take(sas);
  }

  /** What charon says by itself: newer than every answer that is under way. */
  hear(event: Updown): void {
    this.#newest.overtake();
    this.#take(mergeEvent(this.#deps.tunnels.sas, event));
  }

  /** charon is gone, with every SA. */
  lose(): void {
    this.#newest.overtake();
    this.#take([]);
  }

  /** Starts no probe any more. */
  stop(): void {
    this.#stopped = true;
  }

  #take(sas: readonly ObservedIke[]): void {
    const { log, tunnels: memory, liveness, wanted } = this.#deps;
    const { settings, tunnels, addresses } = wanted();
    for (const { conn, up } of memory.take(sas, tunnels)) log.info({ conn }, `${conn} is ${up ? "up" : "down"}`);
    if (this.#stopped) return;
    liveness.follow(settings, tunnels, addresses);
    liveness.count(tunnels);
    liveness.watchSilence(tunnels);
  }
}
