/** Packet totals of one tunnel, monotonic. */
export interface Flow {
  readonly conn: string;
  readonly packetsIn: number;
  readonly packetsOut: number;
  /** Names the tunnel's present CHILD_SA; another one is a new beginning. "" without one. */
  readonly sa: string;
}

interface Seen {
  /** Monotonic milliseconds of the last look that saw a packet come in by any of the tunnels. */
  readonly lastInAt: number;
  readonly sumIn: number;
}

/** What a tunnel had sent when a packet last came in by any of them, or when its CHILD_SA was first seen. */
interface Base extends Pick<Flow, "packetsOut" | "sa"> {
  /** Monotonic milliseconds. */
  readonly at: number;
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
  /** By conn. */
  readonly #bases = new Map<string, Base>();
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
    const answered = this.#seen === undefined || sumIn > this.#seen.sumIn;
    if (answered) this.#seen = { lastInAt: now, sumIn };
    for (const { conn, packetsOut, sa } of flows)
      if (answered || this.#bases.get(conn)?.sa !== sa) this.#bases.set(conn, { packetsOut, sa, at: now });
    if (now - (this.#seen?.lastInAt ?? now) > RECENT_MS) return [];
    return flows.filter((flow) => !this.#stalled.has(flow.conn) && this.#isUnanswered(flow, now));
  }

  #isUnanswered({ conn, packetsOut, sa }: Flow, now: number): boolean {
    const base = this.#bases.get(conn);
    return sa !== "" && base !== undefined && now - base.at >= SILENCE_MS && packetsOut - base.packetsOut >= UNANSWERED;
  }
}
