/** Packet totals of one tunnel, monotonic. */
export interface Flow {
  readonly conn: string;
  readonly packetsIn: number;
  readonly packetsOut: number;
  /** Names the tunnel's present CHILD_SA; another one is a new beginning. */
  readonly sa: string;
}

interface Seen {
  /** Monotonic milliseconds of the last look that saw a packet come in by any of the tunnels. */
  readonly lastInAt: number;
  readonly sumIn: number;
  /** packetsOut by conn at that look. */
  readonly outThen: ReadonlyMap<string, number>;
}

/** Silence shorter than this is jitter. */
const SILENCE_MS = 800;
/** Traffic that was not answered before either is one-way: it proves nothing. */
const RECENT_MS = 10_000;
const UNANSWERED = 3;

/**
 * Tells from the counters alone when the tunnels of one connection stopped passing: packets went out, and none came in by any
 * of them although they did just before. A verdict holds until the tunnel itself brings a packet in, or has another CHILD_SA.
 */
export class StallDetector {
  #seen: Seen | undefined;
  /** Stalled tunnels as they were then, by conn. */
  readonly #stalled = new Map<string, Flow>();

  isStalled(conn: string): boolean {
    return this.#stalled.has(conn);
  }

  /** Takes a look at the tunnels of one connection; `now` is monotonic milliseconds. Returns whether a verdict changed. */
  take(flows: readonly Flow[], now: number): boolean {
    const recovered = flows.filter((flow) => this.#hasRecovered(flow));
    for (const { conn } of recovered) this.#stalled.delete(conn);
    const fresh = this.#silent(flows, now);
    for (const flow of fresh) this.#stalled.set(flow.conn, flow);
    return recovered.length + fresh.length > 0;
  }

  #hasRecovered({ conn, packetsIn, sa }: Flow): boolean {
    const then = this.#stalled.get(conn);
    return then !== undefined && (packetsIn > then.packetsIn || sa !== then.sa);
  }

  #silent(flows: readonly Flow[], now: number): Flow[] {
    const sumIn = flows.reduce((sum, flow) => sum + flow.packetsIn, 0);
    if (this.#seen === undefined || sumIn > this.#seen.sumIn) {
      this.#seen = { lastInAt: now, sumIn, outThen: new Map(flows.map(({ conn, packetsOut }) => [conn, packetsOut])) };
      return [];
    }
    const { lastInAt, outThen } = this.#seen;
    if (now - lastInAt < SILENCE_MS || now - lastInAt > RECENT_MS) return [];
    return flows.filter(
      ({ conn, packetsOut }) => !this.#stalled.has(conn) && packetsOut - (outThen.get(conn) ?? packetsOut) >= UNANSWERED,
    );
  }
}
