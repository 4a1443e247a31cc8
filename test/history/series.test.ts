import { describe, expect, it } from "vitest";
import { POINT_MS, POINTS, SeriesBook } from "../../agent/history/series.ts";
import type { TunnelState } from "../../agent/model/tunnel-state.ts";

const EMPTY = { sent: 0, lost: 0, medianMs: null, maxMs: null, state: null };
const states = (state: TunnelState, ...conns: readonly string[]) => new Map(conns.map((conn) => [conn, state]));

describe("a tunnel's hour", () => {
  it("has the same number of points, whatever is known", () => {
    const book = new SeriesBook();
    expect(book.read("a", 5_000_000)).toEqual(Array.from({ length: POINTS }, () => EMPTY));
    book.probe("a", 12, 5_000_000);
    expect(book.read("a", 5_000_000)).toHaveLength(POINTS);
    expect(POINTS * POINT_MS).toBe(3_600_000);
  });

  it("has median, slowest and lost of each piece of time, that which is not over too", () => {
    const book = new SeriesBook();
    for (const rtt of [30, 10, 20, null]) book.probe("a", rtt, 1000);
    for (const rtt of [null, null]) book.probe("a", rtt, POINT_MS + 1);
    book.probe("a", 7, 2 * POINT_MS);
    expect(book.read("a", 2 * POINT_MS).slice(-3)).toEqual([
      { sent: 4, lost: 1, medianMs: 20, maxMs: 30, state: null },
      { sent: 2, lost: 2, medianMs: null, maxMs: null, state: null },
      { sent: 1, lost: 0, medianMs: 7, maxMs: 7, state: null },
    ]);
    book.probe("a", 9, 2 * POINT_MS);
    expect(book.read("a", 2 * POINT_MS).at(-1)).toMatchObject({ sent: 2, medianMs: 7, maxMs: 9 });
  });

  it("keeps of each piece of time the worst state", () => {
    const book = new SeriesBook();
    book.look(states("carries", "a"), 0);
    book.look(states("down", "a"), 500);
    book.look(states("ready", "a"), 1000);
    book.look(states("ready", "a"), POINT_MS);
    expect(
      book
        .read("a", POINT_MS)
        .slice(-2)
        .map(({ state }) => state),
    ).toEqual(["down", "ready"]);
  });

  it("leaves gaps where nobody looked, and forgets what is older than an hour", () => {
    const book = new SeriesBook();
    book.probe("a", 1, 0);
    book.probe("a", 2, 3 * POINT_MS);
    const sent = (now: number) => book.read("a", now).map((point) => point.sent);
    expect(sent(3 * POINT_MS).slice(-4)).toEqual([1, 0, 0, 1]);
    expect(sent(POINTS * POINT_MS).filter((count) => count > 0)).toEqual([1]);
    expect(sent(10 * POINTS * POINT_MS).every((count) => count === 0)).toBe(true);
    book.probe("a", 3, 10 * POINTS * POINT_MS);
    expect(book.read("a", 10 * POINTS * POINT_MS).filter((point) => point.sent > 0)).toEqual([
      { sent: 1, lost: 0, medianMs: 3, maxMs: 3, state: null },
    ]);
  });

  it("goes on for days without a trace of the days before", () => {
    const book = new SeriesBook();
    for (let piece = 0; piece < 3 * POINTS + 17; piece += 1) book.probe("a", piece % 50, piece * POINT_MS);
    const last = 3 * POINTS + 16;
    const wanted = Array.from({ length: POINTS }, (_, index) => (last - POINTS + 1 + index) % 50);
    expect(book.read("a", last * POINT_MS).map((point) => point.medianMs)).toEqual(wanted);
  });

  it("goes with the tunnel: one that is not looked at any more is forgotten", () => {
    const book = new SeriesBook();
    book.look(states("carries", "a", "b"), 0);
    book.look(states("carries", "b"), 1);
    expect([book.read("a", 1).at(-1)?.state, book.read("b", 1).at(-1)?.state]).toEqual([null, "carries"]);
  });
});
