import type { AttemptState } from "../apply/bring-up.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { connectionKey } from "../model/connection.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import type { Settings } from "../model/settings.ts";
import type { Prober } from "../observe/probe-target.ts";
import { NO_VERDICT, type ProbeVerdict } from "../observe/probe-window.ts";
import { type Flow, StallDetector } from "../observe/stall.ts";
import { siblingOf } from "../plan/naming.ts";
import { isLiveChild } from "../plan/tunnel-steps.ts";
import type { Candidate } from "../steer/steer.ts";
import { Probes, probeSource, probeTargets } from "./probes.ts";
import { StickyAnswers } from "./sticky-answers.ts";
import type { TunnelMemory } from "./tunnel-memory.ts";

export interface LivenessDeps {
  readonly prober: Prober;
  readonly clock: Clock;
  readonly log: Log;
  readonly tunnels: TunnelMemory;
  readonly attempts: () => Readonly<Record<string, AttemptState>>;
  /** Called when a tunnel is proven to be something else than before. */
  readonly onVerdict: () => void;
  /** Called with each probe that can prove something. */
  readonly onProbe?: (conn: string, rttMs: number | null) => void;
}

/** A tunnel that is being brought up is not given up for so long. */
const COMING_MS = 3000;

/** Up and silent for so long, a tunnel's SAs are made anew: charon's own dead peer detection takes 30 s. */
const HOPELESS_MS = 5000;
/** Each rebuilding that did not help makes the next one wait longer. */
const REBUILD_MAX_MS = 300_000;

interface Silence {
  readonly since: number;
  readonly packetsIn: number;
}

/** What proves that tunnels pass packets: probes, and where there are none the counters. */
export class Liveness {
  readonly #deps: LivenessDeps;
  readonly #probes: Probes;
  /** By connection. */
  readonly #stalls = new Map<string, StallDetector>();
  /** The same by conn. */
  readonly #stallOf = new Map<string, StallDetector>();
  readonly #silences = new Map<string, Silence>();
  readonly #rebuilds = new Map<string, number>();
  readonly #sticky: StickyAnswers;
  readonly #idle = new Set<string>();
  /** By conn: when traffic was moved to a tunnel that has not been up since. */
  readonly #chosen = new Map<string, number>();

  constructor(deps: LivenessDeps) {
    this.#deps = deps;
    this.#sticky = new StickyAnswers(deps.clock);
    this.#probes = new Probes({ ...deps, onVerdict: deps.onVerdict });
  }

  /** Probes exactly the tunnels that are up. */
  follow(settings: Settings, tunnels: readonly DesiredTunnel[], addresses: readonly string[]): void {
    const up = tunnels.filter((tunnel) => this.#deps.tunnels.isUp(tunnel.conn));
    this.#probes.want(probeTargets(settings, up, (tunnel) => probeSource(tunnel, settings, addresses)));
  }

  /** Holds the counters of tunnels without probes against the last look. */
  count(tunnels: readonly DesiredTunnel[]): void {
    for (const [key, siblings] of Map.groupBy(tunnels, (tunnel) => connectionKey(tunnel.ref))) {
      if (siblings.some((tunnel) => this.#probes.isProbed(tunnel.conn))) continue;
      const detector = this.#stalls.get(key) ?? new StallDetector();
      this.#stalls.set(key, detector);
      for (const { conn } of siblings) this.#stallOf.set(conn, detector);
      detector.take(
        siblings.map((tunnel) => this.#flow(tunnel.conn)),
        this.#deps.clock.monotonic(),
      );
    }
  }

  /** Whether probes run that can prove something. */
  isProbed(conn: string): boolean {
    return this.#probes.isProbed(conn);
  }

  verdict(conn: string): ProbeVerdict {
    if (this.#probes.isProbed(conn)) return this.#probes.verdict(conn);
    return this.#stallOf.get(conn)?.isStalled(conn) ? { ...NO_VERDICT, passing: false } : NO_VERDICT;
  }

  /** Looks how long each tunnel has been up and proven dead, with not one packet in. */
  watchSilence(tunnels: readonly DesiredTunnel[]): void {
    const wanted = new Set(tunnels.map(({ conn }) => conn));
    for (const conn of this.#silences.keys()) if (!wanted.has(conn)) this.#silences.delete(conn);
    for (const { conn } of tunnels) {
      const passing = this.verdict(conn).passing;
      const { packetsIn } = this.#deps.tunnels.totals(conn);
      const before = this.#silences.get(conn);
      if (passing === true) this.#rebuilds.delete(conn);
      this.#judge(conn, passing === true);
      if (passing !== false || !this.#deps.tunnels.isUp(conn)) this.#silences.delete(conn);
      else if (before?.packetsIn !== packetsIn) this.#silences.set(conn, { since: this.#deps.clock.monotonic(), packetsIn });
    }
  }

  /** Tunnels whose SAs should be made anew. */
  hopeless(): string[] {
    const now = this.#deps.clock.monotonic();
    return [...this.#silences]
      .filter(([conn, { since }]) => now - since >= this.#patience(conn) && !this.#sticky.isOnTrial(siblingOf(conn)))
      .map(([conn]) => conn);
  }

  /** They are being made anew: the next time more patience is asked for. */
  noteRebuilt(tunnels: readonly DesiredTunnel[]): void {
    for (const { conn, routing } of tunnels) {
      this.#silences.delete(conn);
      this.#rebuilds.set(conn, (this.#rebuilds.get(conn) ?? 0) + 1);
      // With policy routing the other one is up only when this one is not: that is a trial enough.
      if (routing === "vti" && this.isProbed(conn) && !this.#passes(siblingOf(conn))) this.#sticky.begin(conn);
    }
  }

  /** Better left down for now: its sibling passes only without it, or must show whether it does. */
  isKeptDown(conn: string): boolean {
    return this.#sticky.isOnTrial(conn) || this.drawsAnswers(conn);
  }

  /** Resting, because its sibling passes only without it. */
  drawsAnswers(conn: string): boolean {
    return this.#sticky.rests(conn) && this.#passes(siblingOf(conn));
  }

  /** One tunnel as steering sees it. */
  candidate(tunnel: DesiredTunnel, carries: boolean, changing: boolean): Candidate {
    this.#noteChosen(tunnel.conn, carries);
    const { passing, sent, lost } = this.verdict(tunnel.conn);
    return {
      index: tunnel.index,
      state: this.#state(tunnel, carries),
      ...{ passing, sent, lost },
      probed: this.#probes.isProbed(tunnel.conn),
      changing,
    };
  }

  /** With policy routing: idle, free to be tried, and not missed, because the other tunnel does the work. */
  standsBy(tunnel: DesiredTunnel, carries: boolean): boolean {
    const other = siblingOf(tunnel.conn);
    const relieved = this.#deps.tunnels.isUp(other) && this.verdict(other).passing !== false;
    return relieved && this.#state(tunnel, carries) === "ready";
  }

  #passes(conn: string): boolean {
    return this.verdict(conn).passing === true;
  }

  #patience(conn: string): number {
    // It has come up again and done the same harm.
    if (this.#sticky.isSuspected(conn) && this.verdict(siblingOf(conn)).passing === false) return 0;
    return Math.min(REBUILD_MAX_MS, HOPELESS_MS * 2 ** Math.min(this.#rebuilds.get(conn) ?? 0, 10));
  }

  #judge(conn: string, passes: boolean): void {
    const restMs = this.#sticky.look(conn, passes, () => this.#passes(siblingOf(conn)));
    if (restMs === undefined) return;
    const words = "while it is up the far end answers through it, and those answers are lost";
    this.#deps.log.warn({ conn }, `${conn} stays down for ${restMs / 1000} s: ${words}`);
  }

  #flow(conn: string): Flow {
    const { tunnels } = this.#deps;
    const { packetsIn, packetsOut } = tunnels.totals(conn);
    const spis = tunnels.sasOf(conn).flatMap((ike) => ike.childSas.filter(isLiveChild).map((child) => child.spiIn ?? ""));
    return { conn, packetsIn, packetsOut, sa: spis.at(-1) ?? "" };
  }

  #noteChosen(conn: string, carries: boolean): void {
    if (!carries) this.#idle.add(conn);
    else if (this.#idle.delete(conn)) this.#chosen.set(conn, this.#deps.clock.monotonic());
    if (!carries || this.#deps.tunnels.isUp(conn)) this.#chosen.delete(conn);
  }

  /** With policy routing a tunnel is brought up after traffic was moved to it: until its first try it must not be called down. */
  #awaitsTry({ conn, routing }: DesiredTunnel, attempt: AttemptState | undefined, now: number): boolean {
    const chosen = this.#chosen.get(conn);
    if (routing !== "policy" || chosen === undefined || now - chosen >= COMING_MS) return false;
    return attempt === undefined || attempt.startedAt < chosen;
  }

  #state(tunnel: DesiredTunnel, carries: boolean): Candidate["state"] {
    const { conn, routing } = tunnel;
    const { tunnels, attempts, clock } = this.#deps;
    if (tunnels.isUp(conn)) return "up";
    const attempt = attempts()[conn];
    const now = clock.monotonic();
    if (attempt === undefined && !tunnels.wasUp(conn)) return routing === "policy" && !carries ? "ready" : "coming";
    if (attempt?.inFlight && now - attempt.startedAt < COMING_MS) return "coming";
    if (this.#awaitsTry(tunnel, attempt, now)) return "coming";
    const free = attempt === undefined || (!attempt.inFlight && attempt.notBefore <= now);
    return routing === "policy" && !carries && free ? "ready" : "down";
  }

  stop(): void {
    this.#probes.stop();
  }
}
