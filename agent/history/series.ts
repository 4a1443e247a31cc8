import type { SeriesPoint } from "../model/history.ts";
import type { TunnelState } from "../model/tunnel-state.ts";

/** One hour in pieces of 15 s: as fine as a plot on a screen can show. */
export const POINT_MS = 15_000;
export const POINTS = 240;

/** The least worrying first: of one piece of time the worst state is kept. */
const STATES: readonly TunnelState[] = ["idle", "ready", "carries", "coming", "silent", "down"];

const EMPTY: SeriesPoint = { sent: 0, lost: 0, medianMs: null, maxMs: null, state: null };

const median = (sorted: readonly number[]): number => sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;

const orNull = (value: number | undefined): number | null => (value === undefined || Number.isNaN(value) ? null : value);

/** One tunnel's hour. Everything is allotted at once: 3 KB, however long the agent runs. */
class Ring {
  readonly #median = new Float32Array(POINTS).fill(Number.NaN);
  readonly #max = new Float32Array(POINTS).fill(Number.NaN);
  readonly #sent = new Uint16Array(POINTS);
  readonly #lost = new Uint16Array(POINTS);
  /** 1 + the place in STATES; 0 when nobody looked. */
  readonly #state = new Uint8Array(POINTS);
  /** The round trips of the piece of time that is not over. */
  #answers: number[] = [];
  #newest: number;

  constructor(piece: number) {
    this.#newest = piece;
  }

  probe(piece: number, rttMs: number | null): void {
    const slot = this.#reach(piece);
    this.#sent[slot] = (this.#sent[slot] ?? 0) + 1;
    if (rttMs === null) this.#lost[slot] = (this.#lost[slot] ?? 0) + 1;
    else this.#answers.push(rttMs);
  }

  look(piece: number, state: TunnelState): void {
    const slot = this.#reach(piece);
    this.#state[slot] = Math.max(this.#state[slot] ?? 0, STATES.indexOf(state) + 1);
  }

  read(piece: number): SeriesPoint[] {
    this.#settle();
    return Array.from({ length: POINTS }, (_, index) => {
      const wanted = piece - POINTS + 1 + index;
      return wanted > this.#newest || wanted <= this.#newest - POINTS ? EMPTY : this.#point(wanted % POINTS);
    });
  }

  #point(slot: number): SeriesPoint {
    return {
      sent: this.#sent[slot] ?? 0,
      lost: this.#lost[slot] ?? 0,
      medianMs: orNull(this.#median[slot]),
      maxMs: orNull(this.#max[slot]),
      state: STATES[(this.#state[slot] ?? 0) - 1] ?? null,
    };
  }

  /** Writes down what the newest piece of time has so far. */
  #settle(): void {
    if (this.#answers.length === 0) return;
    const slot = this.#newest % POINTS;
    this.#answers.sort((a, b) => a - b);
    this.#median[slot] = median(this.#answers);
    this.#max[slot] = this.#answers.at(-1) ?? Number.NaN;
  }

  /** Moves on to a piece of time, and clears what lies between. Returns its slot. */
  #reach(piece: number): number {
    if (piece <= this.#newest) return this.#newest % POINTS;
    this.#settle();
    this.#answers = [];
    for (let next = Math.max(this.#newest + 1, piece - POINTS + 1); next <= piece; next += 1) this.#clear(next % POINTS);
    this.#newest = piece;
    return piece % POINTS;
  }

  #clear(slot: number): void {
    this.#median[slot] = Number.NaN;
    this.#max[slot] = Number.NaN;
    this.#sent[slot] = 0;
    this.#lost[slot] = 0;
    this.#state[slot] = 0;
  }
}

/** The last hour of every tunnel, by conn, in a memory of fixed size. Times are monotonic milliseconds. */
export class SeriesBook {
  readonly #rings = new Map<string, Ring>();

  /** One probe's round trip in milliseconds, null when it went unanswered. */
  probe(conn: string, rttMs: number | null, now: number): void {
    const piece = Math.floor(now / POINT_MS);
    this.#ring(conn, piece).probe(piece, rttMs);
  }

  /** How the tunnels are now; those that are not named are forgotten. */
  look(states: ReadonlyMap<string, TunnelState>, now: number): void {
    const piece = Math.floor(now / POINT_MS);
    for (const conn of this.#rings.keys()) if (!states.has(conn)) this.#rings.delete(conn);
    for (const [conn, state] of states) this.#ring(conn, piece).look(piece, state);
  }

  /** Oldest first, POINTS of them, the last one for the present piece of time. */
  read(conn: string, now: number): readonly SeriesPoint[] {
    return this.#rings.get(conn)?.read(Math.floor(now / POINT_MS)) ?? Array.from({ length: POINTS }, () => EMPTY);
  }

  #ring(conn: string, piece: number): Ring {
    const known = this.#rings.get(conn);
    if (known) return known;
    const fresh = new Ring(piece);
    this.#rings.set(conn, fresh);
    return fresh;
  }
}
