import { describe, expect, it } from "vitest";
import { PLOT, plot, scaleOf, windowOf } from "../../agent/expose/page-plot.ts";
import type { SeriesPoint } from "../../agent/model/history.ts";

const point = (changes: Partial<SeriesPoint> = {}): SeriesPoint => ({
  ...{ sent: 10, lost: 0, medianMs: 10, maxMs: 20, state: "carries" },
  ...changes,
});
const NOTHING: SeriesPoint = { sent: 0, lost: 0, medianMs: null, maxMs: null, state: null };
const DEAD = point({ lost: 10, medianMs: null, maxMs: null, state: "silent" });

describe("a tunnel's plot", () => {
  it("of an hour of which nothing is known is empty, and says so", () => {
    expect(plot([NOTHING, NOTHING], 10, 60)).toEqual({
      ...{
        width: 240,
        from: "60 min ago",
        middle: "30",
        median: "",
        spread: "",
        loss: "",
        stretches: [],
        rttWords: "",
        lossWords: "",
      },
      words: "Nothing was probed during the last 60 minutes.",
    });
  });

  it("draws the median as a line and what was slower above it", () => {
    const { median, spread } = plot([point(), point({ medianMs: 20 })], 20, 60);
    expect([median, spread]).toEqual(["M60 27L180 2", "M60 2L180 2L180 2L60 27Z"]);
  });

  it("is broken where nothing came back", () => {
    const { median, words } = plot([point(), point(), DEAD, point()], 20, 60);
    expect(median).toBe("M30 27L90 27M180 27h60");
    expect(words).toBe("Round trip of the last 60 minutes: median 10 ms, slowest 20 ms. Lost: 25 % of 40 probes.");
  });

  it("shows the loss of a single probe and tells it from that of all", () => {
    const bars = plot([point({ sent: 100, lost: 1 }), DEAD, point()], 20, 60).loss;
    expect(bars).toBe(`M0 ${PLOT.lossBottom}v-3h80v3zM80 ${PLOT.lossBottom}v-14h80v14z`);
  });

  it("draws neighbours in one state as one stretch, what is ready slimmer than what carries", () => {
    const { stretches } = plot([point(), point(), point({ state: "ready" }), NOTHING, point()], 20, 60);
    expect(stretches.map(({ state, x, width }) => [state, x, width])).toEqual([
      ["carries", 0, 96],
      ["carries", 192, 48],
      ["ready", 96, 48],
    ]);
    expect(stretches[0]?.height).toBeGreaterThan(2 * (stretches[2]?.height ?? 99));
  });

  it("stays within its frame when something is slower than the scale", () => {
    expect(plot([point({ medianMs: 900, maxMs: 900 })], 20, 60).spread).toBe("M120 2L120 2Z");
  });
});

describe("the scale", () => {
  it("is a round number that all tunnels fit in", () => {
    expect(scaleOf([[point({ maxMs: 12 })], [point({ maxMs: 31 }), NOTHING]])).toBe(40);
    expect(scaleOf([[NOTHING]])).toBe(1);
    expect(scaleOf([[point({ medianMs: 12_000, maxMs: 12_345 })]])).toBe(12_345);
  });

  it("is not stretched by a few slow answers", () => {
    expect(scaleOf([[point({ medianMs: 0.4, maxMs: 1 }), point({ medianMs: 0.5, maxMs: 300 })]])).toBe(2);
  });
});

describe("the minutes that are shown", () => {
  const known = (count: number): SeriesPoint[] =>
    Array.from({ length: 240 }, (_, place) => (place < 240 - count ? NOTHING : point()));

  it.each([
    [0, 4],
    [16, 4],
    [17, 10],
    [100, 30],
    [240, 60],
  ])("with %d points known are %d, for all tunnels alike", (count, minutes) => {
    expect(windowOf([known(0), known(count)], 15_000)).toBe(minutes);
  });
});
