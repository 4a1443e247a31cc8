import { describe, expect, it } from "vitest";
import { PLOT, plot, scaleOf } from "../../agent/expose/page-plot.ts";
import type { SeriesPoint } from "../../agent/model/history.ts";

const point = (changes: Partial<SeriesPoint> = {}): SeriesPoint => ({
  ...{ sent: 10, lost: 0, medianMs: 10, maxMs: 20, state: "carries" },
  ...changes,
});
const NOTHING: SeriesPoint = { sent: 0, lost: 0, medianMs: null, maxMs: null, state: null };
const DEAD = point({ lost: 10, medianMs: null, maxMs: null, state: "silent" });

describe("a tunnel's plot", () => {
  it("of an hour of which nothing is known is empty, and says so", () => {
    expect(plot([NOTHING, NOTHING], 10)).toEqual({
      ...{ width: 2, median: "", spread: "", loss: "", stretches: [], rttWords: "", lossWords: "" },
      words: "Nothing was probed during the last hour.",
    });
  });

  it("draws the median as a line and what was slower above it", () => {
    const { median, spread } = plot([point(), point({ medianMs: 20 })], 20);
    expect([median, spread]).toEqual(["M0.5 27L1.5 2", "M0.5 2L1.5 2L1.5 2L0.5 27Z"]);
  });

  it("is broken where nothing came back", () => {
    const { median, words } = plot([point(), point(), DEAD, point()], 20);
    expect(median).toBe("M0.5 27L1.5 27M3.5 27h0.6");
    expect(words).toBe("Round trip of the last hour: median 10 ms, slowest 20 ms. Lost: 25 % of 40 probes.");
  });

  it("shows the loss of a single probe and tells it from that of all", () => {
    const bars = plot([point({ sent: 100, lost: 1 }), DEAD, point()], 20).loss;
    expect(bars).toBe(`M0 ${PLOT.lossBottom}v-3h1v3zM1 ${PLOT.lossBottom}v-14h1v14z`);
  });

  it("draws neighbours in one state as one stretch, what is ready slimmer than what carries", () => {
    const { stretches } = plot([point(), point(), point({ state: "ready" }), NOTHING, point()], 20);
    expect(stretches.map(({ state, x, width }) => [state, x, width])).toEqual([
      ["carries", 0, 2],
      ["carries", 4, 1],
      ["ready", 2, 1],
    ]);
    expect(stretches[0]?.height).toBeGreaterThan(2 * (stretches[2]?.height ?? 99));
  });

  it("stays within its frame when something is slower than the scale", () => {
    expect(plot([point({ medianMs: 900, maxMs: 900 })], 20).spread).toBe("M0.5 2L0.5 2Z");
  });
});

describe("the scale", () => {
  it("is a round number that all tunnels fit in", () => {
    expect(scaleOf([[point({ maxMs: 12 })], [point({ maxMs: 31 }), NOTHING]])).toBe(40);
    expect(scaleOf([[NOTHING]])).toBe(1);
    expect(scaleOf([[point({ maxMs: 12_345 })]])).toBe(12_345);
  });
});
