import type { AttemptState } from "../apply/bring-up.ts";
import type { HealthMemory } from "../health/evaluate.ts";
import type { Clock } from "../lib/clock.ts";
import { messageOf, SpacegateError } from "../lib/errors.ts";
import { containsAddress, parseCidr } from "../lib/ip.ts";
import type { Log } from "../lib/log.ts";
import type { Secret } from "../lib/secret.ts";
import { connectionKey } from "../model/connection.ts";
import type { DesiredTunnel, Route } from "../model/desired.ts";
import type { HostFacts, Observed, ObservedCharon, ObservedChild, ObservedIke } from "../model/observed.ts";
import type { Settings } from "../model/settings.ts";
import type { SourceState } from "../model/source.ts";
import type { Status } from "../model/status.ts";
import type { Step } from "../model/step.ts";
import { CounterBook } from "../observe/counters.ts";
import { fragmentIsNewer } from "../plan/charon-steps.ts";
import { type Carriers, isCarrierRoute } from "../plan/desired.ts";
import { isLiveChild } from "../plan/tunnel-steps.ts";
import type { StrongswanPaths } from "../render/files.ts";
import type { TemplateTexts } from "../render/templates.ts";
import { steerAll } from "./carriers.ts";
import { carryOut, type Observe, type PassPlan, preparePass } from "./pass.ts";
import { type Prober, Probes, probeTargets } from "./probes.ts";
import { SingleFlight } from "./single-flight.ts";
import { buildStatus, troubleOf } from "./status-view.ts";

/** Everything that the gateway reaches the world through. */
export interface GatewayDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly observe: Observe;
  readonly observeHost: (targets: readonly string[]) => Promise<HostFacts>;
  readonly listSas: () => Promise<readonly ObservedIke[]>;
  readonly ipForward: () => Promise<boolean | null>;
  readonly execute: (step: Step) => Promise<void>;
  readonly attempts: () => Readonly<Record<string, AttemptState>>;
  readonly states: () => readonly SourceState[];
  readonly templates: () => Promise<TemplateTexts>;
  readonly fingerprint: (secret: Secret) => string;
  readonly prober: Prober;
  readonly standalone: boolean;
  /** True for commands that only show: no pass is ever run. */
  readonly readOnly: boolean;
  readonly paths: StrongswanPaths;
  /** Called with every new snapshot. Must not throw. */
  readonly onStatus: (status: Status) => void;
}

/** A connection that has not been up yet is "starting" for so long before it is "down". */
const SETTLE_MS = 30_000;

const NO_FACTS: HostFacts = { vti: false, sourceAddress: {}, addresses: [] };

/** For a preview: what would be planned if charon ran with nothing loaded. */
const assumeCharon = (observed: Observed): Observed =>
  observed.charon.kind === "running"
    ? observed
    : { ...observed, charon: { kind: "running", version: "", via: "vici", conns: [], sas: [] } };

/** The gateway's memory and its three activities: the pass (slow, changes the host), the look (SAs), steering (at once). */
export class Gateway {
  readonly #deps: GatewayDeps;
  readonly #counters = new CounterBook();
  readonly #probes: Probes;
  readonly #passes: SingleFlight;
  readonly #looks: SingleFlight;
  readonly #startedAt: number;
  readonly #sinceStart: number;
  readonly #upSince = new Map<string, { up: boolean; at: number }>();
  readonly #everUp = new Set<string>();
  #settings: Settings;
  #settingsRefused: string | null = null;
  #facts: HostFacts = NO_FACTS;
  #plan: PassPlan | undefined;
  #charon: ObservedCharon = { kind: "absent", why: "it has not been asked yet" };
  #sas: readonly ObservedIke[] = [];
  #carriers: Carriers = {};
  #ipForward: boolean | null = null;
  #passError: SpacegateError | null = null;
  #passCounts: Status["passes"] = { total: 0, failed: 0, changes: 0, lastMs: 0, lastAt: null, lastError: null };
  #memory: HealthMemory = new Map();
  #status: Status;
  #healthTimer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(settings: Settings, deps: GatewayDeps) {
    this.#deps = deps;
    this.#settings = settings;
    this.#startedAt = deps.clock.now();
    this.#sinceStart = deps.clock.monotonic();
    this.#probes = new Probes({ prober: deps.prober, clock: deps.clock, log: deps.log, onVerdict: () => this.#onTunnelChange() });
    this.#passes = new SingleFlight(
      () => this.#pass(),
      (thrown) => deps.log.error({ error: messageOf(thrown) }, "a pass failed unexpectedly"),
    );
    this.#looks = new SingleFlight(
      () => this.#look(),
      (thrown) => deps.log.debug({ error: messageOf(thrown) }, "charon did not answer a look at its SAs"),
    );
    this.#status = this.#build();
  }

  get status(): Status {
    return this.#status;
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** Runs passes until every tunnel that should be up is up, or `limitMs` have passed. */
  async bringAbout(limitMs: number): Promise<void> {
    const { clock } = this.#deps;
    const started = clock.monotonic();
    await this.settle();
    while (this.#waitsForTunnels() && clock.monotonic() - started < limitMs) {
      await clock.sleep(100);
      await this.settle();
    }
  }

  /** What a pass would change now. Nothing is changed. */
  async preview(): Promise<PassPlan> {
    const { observe } = this.#deps;
    const plan = await this.#prepare(async (desired, files) => assumeCharon(await observe(desired, files)));
    this.#count(0, 0);
    this.publish();
    return plan;
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

  useSettings(settings: Settings): void {
    this.#settings = settings;
    this.#settingsRefused = null;
    this.requestPass();
  }

  refuseSettings(error: SpacegateError): void {
    this.#settingsRefused = error.message;
    this.publish();
  }

  /** charon is gone, with every SA. */
  charonLost(why: string): void {
    this.#charon = { kind: "absent", why };
    this.#takeSas([]);
    this.requestPass();
  }

  /** A CHILD_SA's last counters, from the event that says it was replaced. */
  childReplaced(child: ObservedChild): void {
    this.#counters.takeReplaced(child, this.#deps.clock.now());
  }

  /** Makes a new snapshot from what is known. */
  publish(): void {
    if (this.#stopped) return;
    this.#status = this.#build();
    this.#deps.onStatus(this.#status);
  }

  #waitsForTunnels(): boolean {
    const tunnels = this.#plan?.result.desired.tunnels ?? [];
    return tunnels.some((tunnel) => this.#isWanted(tunnel) && !this.#isUp(tunnel.conn));
  }

  #isWanted(tunnel: DesiredTunnel): boolean {
    return tunnel.routing === "vti" || (this.#carriers[connectionKey(tunnel.ref)] ?? 1) === tunnel.index;
  }

  /** Ends probes and timers; resolves when the pass under way has ended. Nothing on the host is undone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#healthTimer);
    this.#probes.stop();
    await Promise.all([this.#passes.stop(), this.#looks.stop()]);
  }

  async #pass(): Promise<void> {
    const { clock, log, execute } = this.#deps;
    const started = clock.monotonic();
    let changes = 0;
    try {
      const plan = await this.#prepare(this.#deps.observe);
      const outcome = await carryOut(plan.steps, execute);
      changes = outcome.done.length;
      this.#passError = outcome.error ?? null;
    } catch (thrown) {
      if (!(thrown instanceof SpacegateError)) throw thrown;
      this.#passError = thrown;
    }
    if (this.#passError) log.error({ code: this.#passError.code, fix: this.#passError.fix }, this.#passError.message);
    this.#count(clock.monotonic() - started, changes);
    this.#wantProbes();
    this.#onTunnelChange();
    // What a step changed is proven by the next pass, not believed.
    if (changes > 0 && !this.#passError) this.#passes.request();
  }

  async #prepare(observe: Observe): Promise<PassPlan> {
    const { clock, observeHost, states, templates, attempts, fingerprint, standalone, paths, ipForward } = this.#deps;
    const connections = states().flatMap((state) => state.connection ?? []);
    this.#facts = await observeHost(connections.flatMap((connection) => connection.tunnels.map((tunnel) => tunnel.ip)));
    this.#ipForward = await ipForward();
    const plan = await preparePass(
      {
        settings: this.#settings,
        connections,
        facts: this.#facts,
        carriers: this.#carriers,
        attempts: attempts(),
        passing: (conn) => this.#probes.verdict(conn).passing,
        templates: await templates(),
        fingerprint,
        standalone,
        paths,
        now: clock.monotonic(),
      },
      observe,
    );
    this.#plan = plan;
    this.#charon = plan.observed.charon;
    this.#takeSas(plan.observed.charon.kind === "running" ? plan.observed.charon.sas : []);
    return plan;
  }

  #count(ms: number, changes: number): void {
    const { total, failed, changes: before } = this.#passCounts;
    const error = this.#passError;
    this.#passCounts = {
      total: total + 1,
      failed: failed + (error ? 1 : 0),
      changes: before + changes,
      lastMs: ms,
      lastAt: this.#deps.clock.now(),
      lastError: error?.message ?? null,
    };
  }

  async #look(): Promise<void> {
    this.#takeSas(await this.#deps.listSas());
    this.#wantProbes();
    this.#onTunnelChange();
  }

  #takeSas(sas: readonly ObservedIke[]): void {
    this.#sas = sas;
    this.#counters.take(sas, this.#deps.clock.now());
    for (const tunnel of this.#plan?.result.desired.tunnels ?? []) this.#noteUp(tunnel);
  }

  #noteUp(tunnel: DesiredTunnel): void {
    const up = this.#isUp(tunnel.conn);
    if (up) this.#everUp.add(connectionKey(tunnel.ref));
    if (this.#upSince.get(tunnel.conn)?.up === up) return;
    this.#upSince.set(tunnel.conn, { up, at: this.#deps.clock.now() });
    this.#deps.log.info({ conn: tunnel.conn }, `${tunnel.conn} is ${up ? "up" : "down"}`);
  }

  #isUp(conn: string): boolean {
    return this.#sas.some((ike) => ike.name === conn && ike.childSas.some(isLiveChild));
  }

  #wantProbes(): void {
    const up = (this.#plan?.result.desired.tunnels ?? []).filter((tunnel) => this.#isUp(tunnel.conn));
    this.#probes.want(this.#stopped ? new Map() : probeTargets(this.#settings, up, (tunnel) => this.#probeSource(tunnel)));
  }

  #probeSource(tunnel: DesiredTunnel): string | undefined {
    const block = parseCidr(tunnel.localTs);
    const own = this.#settings.connections.find((one) => connectionKey(one) === connectionKey(tunnel.ref));
    const subnets = (own?.local.subnets ?? []).flatMap((text) => parseCidr(text) ?? []);
    return this.#facts.addresses.find(
      (address) => block && containsAddress(block, address) && subnets.some((subnet) => containsAddress(subnet, address)),
    );
  }

  /** Something about a tunnel changed: steer first, tell second, repair third. */
  #onTunnelChange(): void {
    if (this.#stopped) return;
    this.#steer();
    this.publish();
    const down = (this.#plan?.result.desired.tunnels ?? []).some((tunnel) => this.#isWanted(tunnel) && !this.#isUp(tunnel.conn));
    if (down) this.#repairSoon();
  }

  #repairing = false;

  /** A tunnel that is down is brought up by a pass; not more than one a second is asked for. */
  #repairSoon(): void {
    if (this.#repairing) return;
    this.#repairing = true;
    setTimeout(() => {
      this.#repairing = false;
      if (!this.#stopped) this.requestPass();
    }, 1000);
  }

  #steer(): void {
    const { desired } = this.#plan?.result ?? {};
    if (!desired) return;
    const { carriers, moves } = steerAll(desired.tunnels, this.#carriers, (tunnel) => ({
      index: tunnel.index,
      up: this.#isUp(tunnel.conn),
      passing: this.#probes.verdict(tunnel.conn).passing,
    }));
    this.#carriers = carriers;
    for (const { key, from, to } of moves) {
      this.#deps.log.warn({ connection: key }, `traffic moves from tunnel ${from} to tunnel ${to}`);
      const flip = this.#flipRoute(desired.tunnels, desired.routes, key, to);
      if (flip) void this.#deps.execute({ kind: "replace-route", route: flip }).catch(() => this.requestPass());
      else this.requestPass();
    }
  }

  /** The carrier route of one connection, through another tunnel; undefined with policy routing. */
  #flipRoute(tunnels: readonly DesiredTunnel[], routes: readonly Route[], key: string, to: 1 | 2): Route | undefined {
    const siblings = tunnels.filter((tunnel) => connectionKey(tunnel.ref) === key);
    const route = routes.find((one) => isCarrierRoute(one) && siblings.some((tunnel) => tunnel.link === one.dev));
    const link = siblings.find((tunnel) => tunnel.index === to)?.link;
    return route && link ? { ...route, dev: link } : undefined;
  }

  #build(): Status {
    const { clock, states, version, attempts } = this.#deps;
    const now = clock.now();
    const view = buildStatus(
      {
        settings: this.#settings,
        states: states(),
        tunnels: this.#plan?.result.desired.tunnels ?? [],
        problems: this.#plan?.result.problems ?? [],
        missing: this.#plan?.result.missing ?? [],
        sas: this.#sas,
        carriers: this.#carriers,
        totals: (conn) => this.#counters.totals(conn),
        verdict: (conn) => this.#probes.verdict(conn),
        reason: (conn) => attempts()[conn]?.failure ?? "",
        since: (conn) => this.#upSince.get(conn)?.at ?? this.#startedAt,
        settled: (key) => this.#everUp.has(key) || clock.monotonic() - this.#sinceStart > SETTLE_MS,
        probeImpossible: (key) => this.#probeImpossible(key),
        host: {
          ready: this.#passCounts.total > 0,
          charon: {
            running: this.#charon.kind === "running",
            via: this.#charon.kind === "running" ? this.#charon.via : "none",
            why: this.#charon.kind === "absent" ? this.#charon.why : "",
          },
          settingsRefused: this.#settingsRefused,
          passError: this.#passError ? troubleOf(this.#passError) : null,
          restartNeeded: this.#restartNeeded(),
          filesHeld: this.#plan?.filesHeld === true && (this.#plan.result.desired.tunnels.length ?? 0) > 0,
          ipForward: this.#ipForward,
        },
        charonVersion: this.#charon.kind === "running" ? this.#charon.version : "",
        passes: this.#passCounts,
        version,
        startedAt: this.#startedAt,
        now,
      },
      this.#memory,
    );
    this.#memory = view.memory;
    clearTimeout(this.#healthTimer);
    if (view.nextMs !== null && !this.#stopped) this.#healthTimer = setTimeout(() => this.publish(), view.nextMs + 1);
    return view.status;
  }

  #restartNeeded(): boolean {
    return (
      this.#plan !== undefined &&
      this.#charon.kind === "running" &&
      fragmentIsNewer(this.#plan.files, this.#plan.observed, this.#charon)
    );
  }

  #probeImpossible(key: string): boolean {
    const own = this.#settings.connections.find((one) => connectionKey(one) === key);
    const tunnel = this.#plan?.result.desired.tunnels.find((one) => connectionKey(one.ref) === key);
    return own?.probe !== undefined && tunnel !== undefined && this.#probeSource(tunnel) === undefined;
  }
}
