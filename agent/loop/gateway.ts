import { messageOf, type SpacegateError } from "../lib/errors.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import type { Observed, ObservedCharon, ObservedChild, ObservedIke } from "../model/observed.ts";
import type { Settings } from "../model/settings.ts";
import { type ListenerState, NO_LISTENER, type Status } from "../model/status.ts";
import type { Follower } from "./follower.ts";
import type { GatewayDeps } from "./gateway-deps.ts";
import { Liveness } from "./liveness.ts";
import { mergeEvent, type Updown } from "./merge-event.ts";
import { Newest } from "./newest.ts";
import { lookOut, NO_OUTLOOK, type Outlook, passInput } from "./outlook.ts";
import { asError, carryOut, type Observe, type PassOutcome, type PassPlan, preparePass } from "./pass.ts";
import { PassLog } from "./pass-log.ts";
import { SingleFlight } from "./single-flight.ts";
import type { Known } from "./snapshot.ts";
import { StatusKeeper } from "./status-keeper.ts";
import { Steering } from "./steering.ts";
import { TunnelMemory } from "./tunnel-memory.ts";

/** Passes that repair are not asked for more often than this. */
const REPAIR_MS = 1000;

/** For a preview: what would be planned if charon ran with nothing loaded. */
const assumeCharon = (observed: Observed): Observed =>
  observed.charon.kind === "running"
    ? observed
    : { ...observed, charon: { kind: "running", version: "", via: "vici", conns: [], sas: [] } };

/**
 * The gateway's memory and its three activities: the pass (slow, changes the host), the look (at charon's SAs) and steering
 * (at once, whatever else is going on).
 */
export class Gateway {
  readonly #deps: GatewayDeps;
  readonly #tunnels: TunnelMemory;
  readonly #liveness: Liveness;
  readonly #steering: Steering;
  readonly #log: PassLog;
  readonly #newestSas: Newest<readonly ObservedIke[]>;
  readonly #passes: SingleFlight;
  readonly #looks: SingleFlight;
  #settings: Settings;
  #settingsRefused: string | null = null;
  #listener: ListenerState = NO_LISTENER;
  #outlook: Outlook = NO_OUTLOOK;
  #plan: PassPlan | undefined;
  #charon: ObservedCharon = { kind: "absent", why: "it has not been asked yet" };
  readonly #keeper: StatusKeeper;
  #timers: Partial<Record<"repair" | "steer", NodeJS.Timeout | undefined>> = {};
  #stopped = false;
  #follower: Follower | undefined;
  /** The number of the newest question about SAs that was answered. */

  constructor(settings: Settings, deps: GatewayDeps) {
    const { clock, log } = deps;
    this.#deps = deps;
    this.#settings = settings;
    this.#tunnels = new TunnelMemory(clock);
    this.#liveness = new Liveness({
      ...deps,
      tunnels: this.#tunnels,
      onVerdict: () => this.#onTunnelChange(),
      onProbe: (conn, result) => this.#follower?.probe(conn, result),
    });
    this.#log = new PassLog(clock, log);
    this.#newestSas = new Newest(deps.listSas);
    this.#steering = new Steering({ ...deps, liveness: this.#liveness, requestPass: () => this.requestPass() });
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

  /** Runs passes until every tunnel that should be up is up, something fails, or `limitMs` have passed. */
  async bringAbout(limitMs: number): Promise<void> {
    const { clock } = this.#deps;
    const started = clock.monotonic();
    await this.settle();
    while (this.#isTunnelMissing() && !this.#cannotGoOn() && clock.monotonic() - started < limitMs) {
      await clock.sleep(250);
      await this.settle();
    }
  }

  /** What a pass would change now, with charon running if it does not. Nothing is changed. */
  async preview(): Promise<PassPlan> {
    const plan = await this.#prepare(this.#deps.observe, assumeCharon);
    this.#log.end(0, 0, null);
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

  /** charon is gone, with every SA. */
  charonLost(why: string): void {
    this.#charon = { kind: "absent", why };
    this.#takeLost();
    this.#onTunnelChange();
    this.requestPass();
  }

  /** What charon says by itself, taken in at once; the look that should follow knows better. */
  heard(event: Updown): void {
    this.#newestSas.overtake();
    this.#takeSas(mergeEvent(this.#tunnels.sas, event));
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
    clearTimeout(this.#timers.repair);
    clearTimeout(this.#timers.steer);
    this.#liveness.stop();
    await Promise.all([this.#passes.stop(), this.#looks.stop()]);
  }

  get #desiredTunnels(): readonly DesiredTunnel[] {
    return this.#plan?.result.desired.tunnels ?? [];
  }

  async #pass(): Promise<void> {
    const { clock, observe } = this.#deps;
    const started = clock.monotonic();
    const outcome = await this.#prepareAndCarryOut(observe).catch((thrown) => ({ done: [], error: asError(thrown) }));
    const prove = this.#log.end(clock.monotonic() - started, outcome.done.length, outcome.error ?? null);
    this.#onTunnelChange();
    if (prove) this.requestPass();
  }

  async #prepareAndCarryOut(observe: Observe): Promise<PassOutcome> {
    const { applies, execute } = this.#deps;
    const plan = await this.#prepare(observe);
    this.#liveness.noteRebuilt(plan.result.desired.tunnels.filter(({ conn }) => plan.hopeless.includes(conn)));
    this.#log.noteDrift(plan);
    const steps = plan.steps.filter(applies);
    return carryOut({ ...plan, steps }, async (step) => {
      if (this.#steering.isCurrent(step, plan)) await execute(step);
    });
  }

  #cannotGoOn(): boolean {
    return this.#log.error !== null || this.#charon.kind === "absent";
  }

  async #prepare(observe: Observe, assume: (observed: Observed) => Observed = (observed) => observed): Promise<PassPlan> {
    this.#outlook = await lookOut(this.#deps, this.#outlook);
    let charon = this.#charon;
    const look: Observe = async (desired, files) => {
      const observed = await observe(desired, files);
      charon = observed.charon;
      return assume(observed);
    };
    let plan = await this.#preparePass(look);
    const adopted = this.#steering.adopt(plan.result.desired.tunnels, this.#settings, plan.observed);
    if (adopted) plan = await this.#preparePass(look);
    this.#plan = plan;
    this.#charon = charon;
    // The SAs that the plan was made from are older than the newest look by now: only looks tell how the tunnels are.
    // A question that fails says nothing about the tunnels: a dead charon is told by its own event.
    if (charon.kind === "absent") this.#takeLost();
    else await this.#askForSas().catch(() => undefined);
    return plan;
  }

  async #preparePass(observe: Observe): Promise<PassPlan> {
    const minds = { settings: this.#settings, outlook: this.#outlook, liveness: this.#liveness, steering: this.#steering };
    return preparePass(await passInput(this.#deps, minds), observe);
  }

  async #look(): Promise<void> {
    await this.#askForSas();
    this.#onTunnelChange();
  }

  async #askForSas(): Promise<void> {
    const sas = await this.#newestSas.ask();
    if (sas) this.#takeSas(sas);
  }

  #takeLost(): void {
    this.#newestSas.overtake();
    this.#takeSas([]);
  }

  #takeSas(sas: readonly ObservedIke[]): void {
    for (const { conn, up } of this.#tunnels.take(sas, this.#desiredTunnels))
      this.#deps.log.info({ conn }, `${conn} is ${up ? "up" : "down"}`);
    if (this.#stopped) return;
    this.#liveness.follow(this.#settings, this.#desiredTunnels, this.#outlook.facts.addresses);
    this.#liveness.count(this.#desiredTunnels);
    this.#liveness.watchSilence(this.#desiredTunnels);
  }

  /** Something about a tunnel changed: steer first, tell second, repair third. */
  #onTunnelChange(): void {
    if (this.#stopped) return;
    this.#steer();
    this.#keeper.publish();
    if (this.#isTunnelMissing() || this.#liveness.hopeless().length > 0) this.#repairSoon();
  }

  #steer(): void {
    if (!this.#plan || this.#deps.readOnly) return;
    const nextMs = this.#steering.steer(this.#plan, this.#settings);
    clearTimeout(this.#timers.steer);
    if (nextMs !== null) this.#timers.steer = setTimeout(() => this.#onTunnelChange(), nextMs + 1);
  }

  #isTunnelMissing(): boolean {
    return this.#desiredTunnels.some((tunnel) => this.#steering.isWanted(tunnel) && !this.#tunnels.isUp(tunnel.conn));
  }

  #repairSoon(): void {
    this.#timers.repair ??= setTimeout(() => {
      this.#timers.repair = undefined;
      this.requestPass();
    }, REPAIR_MS);
  }

  #known(): Known {
    const { clock, states, version, attempts, fingerprint, rooted } = this.#deps;
    return {
      settings: this.#settings,
      settingsRefused: this.#settingsRefused,
      rooted,
      states: states(),
      plan: this.#plan,
      facts: this.#outlook.facts,
      charon: this.#charon,
      tunnels: this.#tunnels,
      verdict: (conn) => this.#liveness.verdict(conn),
      isProbed: (conn) => this.#liveness.isProbed(conn),
      attempts: attempts(),
      drawsAnswers: (conn) => this.#liveness.drawsAnswers(conn),
      standsBy: (tunnel) => this.#steering.standsBy(tunnel),
      fingerprint,
      carriers: this.#steering.carriers(),
      ipForward: this.#outlook.ipForward,
      newMismatches: this.#outlook.newMismatches,
      listener: this.#listener,
      passError: this.#log.error,
      passes: this.#log.counts,
      drills: this.#outlook.drills,
      version,
      now: clock.now(),
    };
  }
}
