import type { ObservedChild, ObservedIke } from "../model/observed.ts";

export interface Totals {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly childRekeys: number;
  /** Milliseconds since the epoch; null before the first packet. */
  readonly lastPacketInAt: number | null;
}

const ZERO: Totals = { bytesIn: 0, bytesOut: 0, packetsIn: 0, packetsOut: 0, childRekeys: 0, lastPacketInAt: null };

type Counted = Pick<ObservedChild, "bytesIn" | "bytesOut" | "packetsIn" | "packetsOut">;

/** What a rekey leaves behind has no SPI in `ipsec statusall`. */
const identityOf = (child: ObservedChild): string => child.spiIn ?? `#${child.uniqueId}`;

const NOTHING: Counted = { bytesIn: 0, bytesOut: 0, packetsIn: 0, packetsOut: 0 };

/** A counter that went back belongs to a new SA that took an old number (charon restarted): all of it is new. */
const growth = (now: number, before: number): number => (now >= before ? now - before : now);

/** The later of two moments: of two SAs the one that is being replaced may be listed last. A wall clock that went back starts anew. */
const later = (known: number | null, seen: number, now: number): number =>
  known === null || known > now ? seen : Math.max(known, seen);

const add = (totals: Totals, now: Counted, before: Counted): Totals => ({
  ...totals,
  bytesIn: totals.bytesIn + growth(now.bytesIn, before.bytesIn),
  bytesOut: totals.bytesOut + growth(now.bytesOut, before.bytesOut),
  packetsIn: totals.packetsIn + growth(now.packetsIn, before.packetsIn),
  packetsOut: totals.packetsOut + growth(now.packetsOut, before.packetsOut),
});

/** Sums a tunnel's SAs up, so that its counters never go back: not when keys are renewed, not when charon is started anew. */
export class CounterBook {
  readonly #totals = new Map<string, Totals>();
  /** By conn and the CHILD_SA's SPI, which no other SA of the tunnel shares: the counters that are in the total already. */
  readonly #counted = new Map<string, Map<string, Counted>>();
  /** By conn: what the newest look no longer showed. Remembered once more, because the event that it was replaced may come later. */
  readonly #gone = new Map<string, ReadonlySet<string>>();

  totals(conn: string): Totals {
    return this.#totals.get(conn) ?? ZERO;
  }

  /** Takes a new look at every SA in; `now` is milliseconds since the epoch. */
  take(sas: readonly ObservedIke[], now: number): void {
    const byConn = new Map<string, ObservedChild[]>();
    for (const child of sas.flatMap((ike) => ike.childSas)) byConn.set(child.name, [...(byConn.get(child.name) ?? []), child]);
    for (const [conn, children] of byConn) this.#takeConn(conn, children, now);
  }

  /** A CHILD_SA's last counters, from the event that says it was replaced: they are in no later list. */
  takeReplaced(child: ObservedChild, now: number): void {
    const counted = new Map(this.#counted.get(child.name));
    this.#addChild(child.name, child, counted, now);
    this.#counted.set(child.name, counted);
    this.#put(child.name, { childRekeys: this.totals(child.name).childRekeys + 1 });
  }

  #takeConn(conn: string, children: readonly ObservedChild[], now: number): void {
    const before = this.#counted.get(conn) ?? new Map<string, Counted>();
    const counted = new Map<string, Counted>(before);
    for (const child of children) this.#addChild(conn, child, counted, now);
    const present = new Set(children.map(identityOf));
    for (const gone of this.#gone.get(conn) ?? []) if (!present.has(gone)) counted.delete(gone);
    this.#gone.set(conn, new Set([...counted.keys()].filter((identity) => !present.has(identity))));
    this.#counted.set(conn, counted);
  }

  #addChild(conn: string, child: ObservedChild, counted: Map<string, Counted>, now: number): void {
    const spi = identityOf(child);
    const before = counted.get(spi) ?? NOTHING;
    this.#totals.set(conn, add(this.totals(conn), child, before));
    counted.set(spi, child);
    if (child.packetsIn > before.packetsIn)
      this.#put(conn, { lastPacketInAt: later(this.totals(conn).lastPacketInAt, now - (child.useInS ?? 0) * 1000, now) });
  }

  #put(conn: string, change: Partial<Totals>): void {
    this.#totals.set(conn, { ...this.totals(conn), ...change });
  }
}
