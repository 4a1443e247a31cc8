import { messageOf, type SpacegateError } from "../lib/errors.ts";
import type { ObservedChild, ObservedIke } from "../model/observed.ts";
import type { LinkStatus } from "../model/privatelink.ts";
import type { Settings } from "../model/settings.ts";
import { type ListenerState, NO_LISTENER, type Status } from "../model/status.ts";
import { Drain } from "./drain.ts";
import type { Follower } from "./follower.ts";
import type { GatewayDeps } from "./gateway-deps.ts";
import { Liveness } from "./liveness.ts";
import type { Updown } from "./merge-event.ts";
import type { PassPlan } from "./pass.ts";
import { PassLog } from "./pass-log.ts";
import { PassRunner } from "./pass-runner.ts";
import { Planner } from "./planner.ts";
import { SaBook, type WantedTunnels } from "./sa-book.ts";
import { SingleFlight } from "./single-flight.ts";
import type { Known } from "./snapshot.ts";
import { StatusKeeper } from "./status-keeper.ts";
import { Steering } from "./steering.ts";
import { TunnelMemory } from "./tunnel-memory.ts";

/** Passes that repair are not asked for more often than this. */
const REPAIR_MS = 1000;

/**
 * The gateway's memory and its three activities: the pass (slow, changes the host), the look (at charon's SAs) and steering
 * (at once, whatever else is going on).
 */
export class Gateway {
  readonly drain: Drain;
  readonly #deps: GatewayDeps;
  readonly #tunnels: TunnelMemory;
  readonly #liveness: Liveness;
  readonly #steering: Steering;
  readonly #log: PassLog;
  readonly #planner: Planner;
  readonly #sas: SaBook;
  readonly #runner: PassRunner;
  readonly #passes: SingleFlight;
  readonly #looks: SingleFlight;
  #settings: Settings;
  #settingsRefused: string | null = null;
  #listener: ListenerState = NO_LISTENER;
  #privatelinks: readonly LinkStatus[] = [];
  readonly #keeper: StatusKeeper;
  #timers: Partial<Record<"repair" | "steer", NodeJS.Timeout | undefined>> = {};
  #stopped = false;
  #follower: Follower | undefined;

  constructor(settings: Settings, deps: GatewayDeps) {
    const { clock, log } = deps;
    this.#deps = deps;
    this.#settings = settings;
    this.#tunnels = new TunnelMemory(clock);
    const onChange = () => {
      this.#keeper.publish();
      this.requestPass();
    };
    this.drain = new Drain({ clock, log, onChange });
    this.#liveness = new Liveness({
      ...deps,
      tunnels: this.#tunnels,
      onVerdict: () => this.#onTunnelChange(),
      onProbe: (conn, result) => this.#follower?.probe(conn, result),
    });
    this.#log = new PassLog(clock, log);
    this.#steering = new Steering({
      ...deps,
      drain: this.drain,
      liveness: this.#liveness,
      requestPass: () => this.requestPass(),
    });
    const own = { liveness: this.#liveness, steering: this.#steering };
    this.#planner = new Planner({ deps, ...own, settings: () => this.#settings });
    this.#sas = new SaBook({ ...deps, ...own, tunnels: this.#tunnels, wanted: () => this.#wanted() });
    this.#runner = new PassRunner({ ...own, deps, log: this.#log, planner: this.#planner, sas: this.#sas });
    this.#passes = new SingleFlight(
      () => this.#pass(),
      (thrown) => log.error({ error: messageOf(thrown) }, "a pass failed unexpectedly"),
    );
    this.#looks = new SingleFlight(
      () => this.#look(),
      (thrown) => log.debug({ error: messageOf(thrown) }, "charon did not answer a look at its SAs"),
    );
    this.#keeper = new StatusKeeper(
      () => this.#known(),
      (status) => this.#follower?.status(status),
    );
  }

  /** From now on `follower` is told everything; there is one at most. */
  follow(follower: Follower): void {
    this.#follower = follower;
  }

  get status(): Status {
    return this.#keeper.status;
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** charon's SAs at the newest look. */
  get sas(): readonly ObservedIke[] {
    return this.#tunnels.sas;
  }

  /** Asks for a pass; returns at once. */
  requestPass(): void {
    if (!this.#deps.readOnly) this.#passes.request();
  }

  /** Asks for a look at charon's SAs; returns at once. */
  requestLook(): void {
    this.#looks.request();
  }

  /** Runs a pass and resolves when no other is asked for. */
  async settle(): Promise<void> {
    this.requestPass();
    await this.#passes.idle();
    this.#looks.request();
    await this.#looks.idle();
  }

  /** A tunnel that should be up is not, and neither a failure nor charon's absence keeps another pass from bringing it up. */
  canBringUpMore(): boolean {
    return this.#isTunnelMissing() && this.#log.error === null && this.#planner.charon.kind !== "absent";
  }

  /** What a pass would change now, with charon running if it does not. Nothing is changed. */
  async preview(): Promise<PassPlan> {
    const plan = await this.#runner.preview();
    this.#keeper.publish();
    return plan;
  }

  useSettings(settings: Settings): void {
    this.#settings = settings;
    this.#settingsRefused = null;
    this.requestPass();
  }

  refuseSettings(error: SpacegateError): void {
    this.#settingsRefused = error.message;
    this.#keeper.publish();
  }

  /** How the HTTP server stands, whenever that changes. */
  useListener(listener: ListenerState): void {
    this.#listener = listener;
    this.#keeper.publish();
  }

  /** How the declared PrivateLinks stand, whenever that changes. */
  useLinks(links: readonly LinkStatus[]): void {
    this.#privatelinks = links;
    this.#keeper.publish();
  }

  /** charon is gone, with every SA. */
  charonLost(why: string): void {
    this.#planner.charonLost(why);
    this.#sas.lose();
    this.#onTunnelChange();
    this.requestPass();
  }

  /** What charon says by itself, taken in at once; the look that should follow knows better. */
  heard(event: Updown): void {
    this.#sas.hear(event);
    this.#onTunnelChange();
  }

  /** A CHILD_SA's last counters, from the event that says it was replaced. */
  childReplaced(child: ObservedChild): void {
    this.#tunnels.childReplaced(child);
  }

  /** Ends probes and timers; resolves when the pass under way has ended. Nothing on the host is undone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#keeper.stop();
    this.drain.stop();
    this.#sas.stop();
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    this.#liveness.stop();
    await Promise.all([this.#passes.stop(), this.#looks.stop()]);
  }

  #wanted(): WantedTunnels {
    return { settings: this.#settings, tunnels: this.#planner.tunnels, addresses: this.#planner.outlook.facts.addresses };
  }

  async #pass(): Promise<void> {
    const prove = await this.#runner.run();
    this.#onTunnelChange();
    if (prove) this.requestPass();
  }

  async #look(): Promise<void> {
    await this.#sas.ask();
    this.#onTunnelChange();
  }

  /** Something about a tunnel changed: steer first, tell second, repair third. */
  #onTunnelChange(): void {
    if (this.#stopped) return;
    this.#steer();
    this.#keeper.publish();
    if (this.#isTunnelMissing() || this.#liveness.hopeless().length > 0) this.#repairSoon();
  }

  #steer(): void {
    const { plan } = this.#planner;
    if (!plan || this.#deps.readOnly) return;
    const nextMs = this.#steering.steer(plan, this.#settings);
    clearTimeout(this.#timers.steer);
    if (nextMs !== null) this.#timers.steer = setTimeout(() => this.#onTunnelChange(), nextMs + 1);
  }

  #isTunnelMissing(): boolean {
    return this.#planner.tunnels.some((tunnel) => this.#steering.isWanted(tunnel) && !this.#tunnels.isUp(tunnel.conn));
  }

  #repairSoon(): void {
    this.#timers.repair ??= setTimeout(() => {
      this.#timers.repair = undefined;
      this.requestPass();
    }, REPAIR_MS);
  }

  #known(): Known {
    const { clock, states, version, attempts, fingerprint, rooted } = this.#deps;
    const { plan, outlook, charon } = this.#planner;
    return {
      ...{ settings: this.#settings, settingsRefused: this.#settingsRefused, rooted },
      ...{ states: states(), attempts: attempts(), fingerprint, version, now: clock.now() },
      ...{ newRefusals: this.#planner.newRefusals },
      ...{ plan, outlook, charon, tunnels: this.#tunnels, liveness: this.#liveness, steering: this.#steering },
      ...{ privatelinks: this.#privatelinks, listener: this.#listener, passes: this.#log, draining: this.drain.state },
    };
  }
}
