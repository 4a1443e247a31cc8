import type { AttemptState } from "../apply/bring-up.ts";
import type { HealthMemory } from "../health/evaluate.ts";
import type { Clock } from "../lib/clock.ts";
import { messageOf, type SpacegateError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { Secret } from "../lib/secret.ts";
import { connectionKey } from "../model/connection.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import type { HostFacts, Observed, ObservedCharon, ObservedChild, ObservedIke } from "../model/observed.ts";
import type { StrongswanPaths } from "../model/paths.ts";
import type { Settings } from "../model/settings.ts";
import type { SourceState } from "../model/source.ts";
import type { Status } from "../model/status.ts";
import type { Step } from "../model/step.ts";
import { describeStep } from "../model/step-text.ts";
import type { Prober } from "../observe/probe-target.ts";
import type { TemplateTexts } from "../render/templates.ts";
import { CarrierBook, type CarrierMove, flipRoute } from "./carriers.ts";
import { DriftWatch } from "./drift.ts";
import { Liveness } from "./liveness.ts";
import { asError, carryOut, type Observe, type PassPlan, preparePass } from "./pass.ts";
import { SingleFlight } from "./single-flight.ts";
import { takeSnapshot } from "./snapshot.ts";
import { buildStatus } from "./status-view.ts";
import { TunnelMemory } from "./tunnel-memory.ts";

/** Everything that the gateway reaches the world through. */
export interface GatewayDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly observe: Observe;
  readonly observeHost: (targets: readonly string[]) => Promise<HostFacts>;
  readonly listSas: () => Promise<readonly ObservedIke[]>;
  /** null: not known. */
  readonly ipForward: () => Promise<boolean | null>;
  readonly execute: (step: Step) => Promise<void>;
  /** False for steps that make no sense on this host. */
  readonly applies: (step: Step) => boolean;
  readonly attempts: () => Readonly<Record<string, AttemptState>>;
  readonly states: () => readonly SourceState[];
  readonly templates: () => Promise<TemplateTexts>;
  readonly drills: () => Promise<Status["drills"]>;
  readonly fingerprint: (secret: Secret) => string;
  readonly prober: Prober;
  readonly standalone: boolean;
  /** True for commands that only show: no pass is ever run. */
  readonly readOnly: boolean;
  /** True below a directory, where there are files and nothing else. */
  readonly rooted: boolean;
  readonly paths: StrongswanPaths;
}

/** Passes that repair are not asked for more often than this. */
const REPAIR_MS = 1000;
/** So many passes in a row may each find something to change before the next one waits for its time. */
const MAX_PROOFS = 5;

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
  readonly #book = new CarrierBook();
  readonly #passes: SingleFlight;
  readonly #looks: SingleFlight;
  #settings: Settings;
  #settingsRefused: string | null = null;
  #facts: HostFacts = { vti: false, sourceAddress: {}, addresses: [] };
  #plan: PassPlan | undefined;
  #charon: ObservedCharon = { kind: "absent", why: "it has not been asked yet" };
  #ipForward: boolean | null = null;
  #passError: SpacegateError | null = null;
  #passCounts: Status["passes"] = { total: 0, failed: 0, changes: 0, driftRepairs: 0, lastMs: 0, lastAt: null, lastError: null };
  #memory: HealthMemory = new Map();
  #status: Status;
  #timers: Partial<Record<"health" | "repair" | "steer", NodeJS.Timeout | undefined>> = {};
  #drills: Status["drills"] = [];
  readonly #drift = new DriftWatch();
  #stopped = false;
  #proofs = 0;
  #asked = 0;
  /** The number of the newest question about SAs that was answered. */
  #answered = 0;

  constructor(settings: Settings, deps: GatewayDeps) {
    const { clock, log } = deps;
    this.#deps = deps;
    this.#settings = settings;
    this.#tunnels = new TunnelMemory(clock);
    this.#liveness = new Liveness({ ...deps, tunnels: this.#tunnels, onVerdict: () => this.#onTunnelChange() });
    this.#passes = new SingleFlight(
      () => this.#pass(),
      (thrown) => log.error({ error: messageOf(thrown) }, "a pass failed unexpectedly"),
    );
    this.#looks = new SingleFlight(
      () => this.#look(),
      (thrown) => log.debug({ error: messageOf(thrown) }, "charon did not answer a look at its SAs"),
    );
    this.#status = this.#build();
  }

  get status(): Status {
    return this.#status;
  }

  get settings(): Settings {
    return this.#settings;
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
    this.#count(0, 0);
    this.#publish();
    return plan;
  }

  useSettings(settings: Settings): void {
    this.#settings = settings;
    this.#settingsRefused = null;
    this.requestPass();
  }

  refuseSettings(error: SpacegateError): void {
    this.#settingsRefused = error.message;
    this.#publish();
  }

  /** charon is gone, with every SA. */
  charonLost(why: string): void {
    this.#charon = { kind: "absent", why };
    this.#takeLost();
    this.#onTunnelChange();
    this.requestPass();
  }

  /** A CHILD_SA's last counters, from the event that says it was replaced. */
  childReplaced(child: ObservedChild): void {
    this.#tunnels.childReplaced(child);
  }

  /** Ends probes and timers; resolves when the pass under way has ended. Nothing on the host is undone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timers.health);
    clearTimeout(this.#timers.repair);
    clearTimeout(this.#timers.steer);
    this.#liveness.stop();
    await Promise.all([this.#passes.stop(), this.#looks.stop()]);
  }

  get #desiredTunnels(): readonly DesiredTunnel[] {
    return this.#plan?.result.desired.tunnels ?? [];
  }

  async #pass(): Promise<void> {
    const { clock, log, execute, observe } = this.#deps;
    const started = clock.monotonic();
    let changes = 0;
    try {
      const plan = await this.#prepare(observe);
      this.#liveness.noteRebuilt(plan.hopeless);
      this.#noteDrift(plan);
      const outcome = await carryOut({ ...plan, steps: plan.steps.filter(this.#deps.applies) }, execute);
      changes = outcome.done.length;
      this.#passError = outcome.error ?? null;
    } catch (thrown) {
      this.#passError = asError(thrown);
    }
    const error = this.#passError;
    if (error && error.message !== this.#passCounts.lastError) log.error({ code: error.code, fix: error.fix }, error.message);
    this.#count(clock.monotonic() - started, changes);
    this.#onTunnelChange();
    this.#proveSoon(changes > 0 && !error);
  }

  /** What a step changed is proven by another pass, not believed; a host that never settles is left to the ordinary rhythm. */
  #proveSoon(changed: boolean): void {
    this.#proofs = changed ? this.#proofs + 1 : 0;
    if (changed && this.#proofs <= MAX_PROOFS) this.requestPass();
  }

  #cannotGoOn(): boolean {
    return this.#passError !== null || this.#charon.kind === "absent";
  }

  async #prepare(observe: Observe, assume: (observed: Observed) => Observed = (observed) => observed): Promise<PassPlan> {
    const { observeHost, states, ipForward, drills } = this.#deps;
    const connections = states().flatMap((state) => state.connection ?? []);
    this.#facts = await observeHost(connections.flatMap((connection) => connection.tunnels.map((tunnel) => tunnel.ip)));
    this.#ipForward = await ipForward();
    this.#drills = await drills();
    let charon = this.#charon;
    const look: Observe = async (desired, files) => {
      const observed = await observe(desired, files);
      charon = observed.charon;
      return assume(observed);
    };
    let plan = await this.#preparePass(look);
    const adopted = this.#book.adopt(plan.result.desired.tunnels, this.#settings, plan.observed);
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
    const { clock, states, templates, attempts, fingerprint, standalone, paths } = this.#deps;
    return preparePass(
      {
        settings: this.#settings,
        connections: states().flatMap((state) => state.connection ?? []),
        facts: this.#facts,
        carriers: this.#book.carriers(),
        attempts: attempts(),
        passing: (conn) => this.#liveness.verdict(conn).passing,
        hopeless: new Set(this.#liveness.hopeless()),
        templates: await templates(),
        fingerprint,
        standalone,
        paths,
        now: clock.monotonic(),
      },
      observe,
    );
  }

  #noteDrift(plan: PassPlan): void {
    const drifted = this.#drift.drifted(plan);
    if (drifted.length === 0) return;
    const { driftRepairs } = this.#passCounts;
    this.#passCounts = { ...this.#passCounts, driftRepairs: driftRepairs + drifted.length };
    const words = drifted.map(describeStep).join("; ");
    this.#deps.log.warn({ steps: drifted.length }, `somebody changed what is the agent's; it is put right: ${words}`);
  }

  #count(ms: number, changes: number): void {
    const { total, failed, changes: before } = this.#passCounts;
    this.#passCounts = {
      ...this.#passCounts,
      total: total + 1,
      failed: failed + (this.#passError ? 1 : 0),
      changes: before + changes,
      lastMs: ms,
      lastAt: this.#deps.clock.now(),
      lastError: this.#passError?.message ?? null,
    };
  }

  async #look(): Promise<void> {
    await this.#askForSas();
    this.#onTunnelChange();
  }

  /** Passes and looks ask side by side: what was asked for before the newest answer came in tells nothing any more. */
  async #askForSas(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const sas = await this.#deps.listSas();
    if (asked < this.#answered) return;
    this.#answered = asked;
    this.#takeSas(sas);
  }

  #takeLost(): void {
    this.#asked += 1;
    this.#answered = this.#asked;
    this.#takeSas([]);
  }

  #takeSas(sas: readonly ObservedIke[]): void {
    for (const { conn, up } of this.#tunnels.take(sas, this.#desiredTunnels))
      this.#deps.log.info({ conn }, `${conn} is ${up ? "up" : "down"}`);
    if (this.#stopped) return;
    this.#liveness.follow(this.#settings, this.#desiredTunnels, this.#facts.addresses);
    this.#liveness.count(this.#desiredTunnels);
    this.#liveness.watchSilence(this.#desiredTunnels);
  }

  /** Something about a tunnel changed: steer first, tell second, repair third. */
  #onTunnelChange(): void {
    if (this.#stopped) return;
    this.#steer();
    this.#publish();
    if (this.#isTunnelMissing() || this.#liveness.hopeless().length > 0) this.#repairSoon();
  }

  #steer(): void {
    const { desired } = this.#plan?.result ?? {};
    if (!desired || this.#deps.readOnly) return;
    const carriers = this.#book.carriers();
    const changing = new Set(this.#plan?.changing);
    const { moves, nextMs } = this.#book.steer(
      desired.tunnels,
      this.#settings,
      (tunnel) =>
        this.#liveness.candidate(
          tunnel,
          carriers[connectionKey(tunnel.ref)] === tunnel.index,
          tunnel.routing === "vti" && changing.has(tunnel.conn),
        ),
      this.#deps.clock.monotonic(),
    );
    for (const move of moves) this.#move(move);
    clearTimeout(this.#timers.steer);
    if (nextMs !== null) this.#timers.steer = setTimeout(() => this.#onTunnelChange(), nextMs + 1);
  }

  #move(move: CarrierMove): void {
    const { tunnels = [], routes = [] } = this.#plan?.result.desired ?? {};
    const route = flipRoute(tunnels, routes, move);
    this.#deps.log.warn({ connection: move.key }, `traffic moves from tunnel ${move.from} to tunnel ${move.to}: ${move.why}`);
    if (route) void this.#deps.execute({ kind: "replace-route", route }).catch(() => this.requestPass());
    // A tunnel that is about to be replaced waits for this move; with policy routing the pass brings the other one up.
    if (!route || this.#plan?.changing.length) this.requestPass();
  }

  #isTunnelMissing(): boolean {
    return this.#desiredTunnels.some((tunnel) => {
      const wanted = tunnel.routing === "vti" || this.#book.carriers()[connectionKey(tunnel.ref)] === tunnel.index;
      return wanted && !this.#tunnels.isUp(tunnel.conn);
    });
  }

  #repairSoon(): void {
    this.#timers.repair ??= setTimeout(() => {
      this.#timers.repair = undefined;
      this.requestPass();
    }, REPAIR_MS);
  }

  /** Makes a new snapshot from what is known. */
  #publish(): void {
    if (!this.#stopped) this.#status = this.#build();
  }

  #build(): Status {
    const { clock, states, version, attempts } = this.#deps;
    const snapshot = takeSnapshot({
      settings: this.#settings,
      settingsRefused: this.#settingsRefused,
      rooted: this.#deps.rooted,
      states: states(),
      plan: this.#plan,
      facts: this.#facts,
      charon: this.#charon,
      tunnels: this.#tunnels,
      verdict: (conn) => this.#liveness.verdict(conn),
      isProbed: (conn) => this.#liveness.isProbed(conn),
      attempts: attempts(),
      carriers: this.#book.carriers(),
      ipForward: this.#ipForward,
      passError: this.#passError,
      passes: this.#passCounts,
      drills: this.#drills,
      version,
      now: clock.now(),
    });
    const { status, memory, nextMs } = buildStatus(snapshot, this.#memory);
    this.#memory = memory;
    clearTimeout(this.#timers.health);
    if (nextMs !== null && !this.#stopped) this.#timers.health = setTimeout(() => this.#publish(), nextMs + 1);
    return status;
  }
}
