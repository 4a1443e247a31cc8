import type { Clock } from "../lib/clock.ts";
import { connectionKey } from "../model/connection.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import type { ObservedChild, ObservedIke } from "../model/observed.ts";
import { CounterBook, type Totals } from "../observe/counters.ts";
import { isLiveChild } from "../plan/tunnel-steps.ts";

export interface TunnelChange {
  readonly conn: string;
  readonly up: boolean;
}

/** A connection that has not been up yet counts as starting for so long, and as down afterwards. */
const SETTLE_MS = 30_000;

/** An hour. */
const RECENT_MS = 3_600_000;

/** What the tunnels have been through since the agent started. */
export class TunnelMemory {
  readonly #clock: Clock;
  readonly #counters = new CounterBook();
  readonly #states = new Map<string, { up: boolean; at: number }>();
  readonly #everUp = new Set<string>();
  readonly #wasUp = new Set<string>();
  readonly #losses = new Map<string, number>();
  /** Those of the last hour, or little more: monotonic milliseconds, oldest first. */
  readonly #lostAt = new Map<string, readonly number[]>();
  readonly #startedAt: number;
  readonly #started: number;
  #sas: readonly ObservedIke[] = [];
  /** The same by conn: a thousand tunnels ask for theirs at every look. */
  #byConn: ReadonlyMap<string, readonly ObservedIke[]> = new Map();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#started = clock.monotonic();
  }

  get sas(): readonly ObservedIke[] {
    return this.#sas;
  }

  sasOf(conn: string): readonly ObservedIke[] {
    return this.#byConn.get(conn) ?? [];
  }

  /** Milliseconds since the epoch. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** Takes a new look at charon's SAs in; returns the tunnels that went up or down since the last one. */
  take(sas: readonly ObservedIke[], tunnels: readonly DesiredTunnel[]): TunnelChange[] {
    this.#sas = sas;
    this.#byConn = Map.groupBy(sas, (ike) => ike.name);
    this.#counters.take(sas, this.#clock.now());
    return tunnels.flatMap((tunnel) => this.#note(tunnel));
  }

  childReplaced(child: ObservedChild): void {
    this.#counters.takeReplaced(child, this.#clock.now());
  }

  isUp(conn: string): boolean {
    return this.sasOf(conn).some((ike) => ike.childSas.some(isLiveChild));
  }

  /** How often it was lost since the agent started. */
  losses(conn: string): number {
    return this.#losses.get(conn) ?? 0;
  }

  /** The same during the last hour. */
  recentLosses(conn: string): number {
    return this.#recent(conn).length;
  }

  /** Whether it was up at any time since the agent started. */
  wasUp(conn: string): boolean {
    return this.#wasUp.has(conn);
  }

  totals(conn: string): Totals {
    return this.#counters.totals(conn);
  }

  /** When the tunnel last went up or down, milliseconds since the epoch. */
  since(conn: string): number {
    return this.#states.get(conn)?.at ?? this.#startedAt;
  }

  /** Whether the connection was up already, or has had its time to come up. */
  settled(key: string): boolean {
    return this.#everUp.has(key) || this.#clock.monotonic() - this.#started > SETTLE_MS;
  }

  #recent(conn: string): readonly number[] {
    const now = this.#clock.monotonic();
    return (this.#lostAt.get(conn) ?? []).filter((at) => now - at < RECENT_MS);
  }

  #noteLoss(conn: string): void {
    this.#losses.set(conn, this.losses(conn) + 1);
    this.#lostAt.set(conn, [...this.#recent(conn), this.#clock.monotonic()]);
  }

  #note(tunnel: DesiredTunnel): TunnelChange[] {
    const up = this.isUp(tunnel.conn);
    if (up) this.#everUp.add(connectionKey(tunnel.ref));
    if (up) this.#wasUp.add(tunnel.conn);
    const before = this.#states.get(tunnel.conn);
    if (before?.up === up) return [];
    this.#states.set(tunnel.conn, { up, at: this.#clock.now() });
    if (before?.up) this.#noteLoss(tunnel.conn);
    return before === undefined && !up ? [] : [{ conn: tunnel.conn, up }];
  }
}
