import type { SeriesPoint } from "../model/history.ts";
import type { TunnelState } from "../model/tunnel-state.ts";
import { milliseconds, percent } from "./page-words.ts";

/** The plot's own units. However many points there are, they fill its width. */
export const PLOT = { width: 240, rtt: 52, lossTop: 58, lossBottom: 72, stateTop: 77, stateHeight: 8 } as const;

/** A stretch of time during which a tunnel was in one state. */
export interface Stretch {
  readonly state: TunnelState;
  readonly x: number;
  readonly width: number;
  readonly y: number;
  readonly height: number;
}

export interface Plot {
  readonly width: number;
  /** Words below its left end and its middle. */
  readonly from: string;
  readonly middle: string;
  /** SVG path data; "" where there is nothing to draw. */
  readonly median: string;
  /** From the median up to the slowest answer. */
  readonly spread: string;
  readonly loss: string;
  readonly stretches: readonly Stretch[];
  /** For people who do not see it. */
  readonly words: string;
  /** "median 12 ms, slowest 48 ms" and "0.3 %"; "" without an answer or a probe. */
  readonly rttWords: string;
  readonly lossWords: string;
}

const NICE = [1, 2, 3, 5, 8, 10, 15, 20, 30, 40, 50, 80, 100, 150, 200, 300, 500, 1000, 2000, 5000, 10_000];

/**
 * The round number of milliseconds that the scale ends with, the same for all tunnels that are compared. A few slow answers run out at
 * its upper edge instead of pressing all the others down.
 */
export const scaleOf = (series: readonly (readonly SeriesPoint[])[]): number => {
  const points = series.flat();
  const slowest = Math.max(0, ...points.map(({ maxMs }) => maxMs ?? 0));
  const usual = Math.max(0, ...points.map(({ medianMs }) => medianMs ?? 0));
  const wanted = Math.min(slowest, 4 * usual);
  return NICE.find((limit) => limit >= wanted) ?? wanted;
};

/** Minutes that a plot may show: an agent that was started lately has not seen an hour. */
const WINDOWS = [4, 10, 20, 30, 60];

const isEmpty = ({ sent, state }: SeriesPoint): boolean => sent === 0 && state === null;

/** The shortest of the windows that has everything which is known of any of the tunnels, in minutes. */
export const windowOf = (series: readonly (readonly SeriesPoint[])[], pointMs: number): number => {
  const known = series.map((points) => {
    const first = points.findIndex((point) => !isEmpty(point));
    return first === -1 ? 0 : points.length - first;
  });
  const minutes = (Math.max(0, ...known) * pointMs) / 60_000;
  return WINDOWS.find((window) => window >= minutes) ?? 60;
};

const fixed = (value: number): string => String(Math.round(value * 10) / 10);

/** Neighbours that satisfy `has`, as [first, last] places. */
const runs = (points: readonly SeriesPoint[], has: (point: SeriesPoint) => boolean): [number, number][] => {
  const found: [number, number][] = [];
  points.forEach((point, index) => {
    if (!has(point)) return;
    const last = found.at(-1);
    if (last && last[1] === index - 1) last[1] = index;
    else found.push([index, index]);
  });
  return found;
};

const stepOf = (points: readonly SeriesPoint[]): number => PLOT.width / points.length;

const rttPaths = (points: readonly SeriesPoint[], scale: number): Pick<Plot, "median" | "spread"> => {
  const step = stepOf(points);
  const height = (ms: number | null): string => fixed(PLOT.rtt - (Math.min(ms ?? 0, scale) / scale) * (PLOT.rtt - 2));
  const line = (from: number, to: number, of: (point: SeriesPoint) => number | null): string[] =>
    points.slice(from, to + 1).map((point, index) => `${fixed((from + index + 0.5) * step)} ${height(of(point))}`);
  const answered = runs(points, ({ medianMs }) => medianMs !== null);
  return {
    median: answered
      .map(([from, to]) => {
        const path = line(from, to, ({ medianMs }) => medianMs);
        // A single answer between silences would have no length.
        return from === to
          ? `M${fixed(from * step)} ${height(points[from]?.medianMs ?? null)}h${fixed(step)}`
          : `M${path.join("L")}`;
      })
      .join(""),
    spread: answered
      .map(([from, to]) => {
        const above = line(from, to, ({ maxMs }) => maxMs);
        const below = line(from, to, ({ medianMs }) => medianMs).reverse();
        return `M${[...above, ...below].join("L")}Z`;
      })
      .join(""),
  };
};

const LEAST_BAR = 3;

const lossPath = (points: readonly SeriesPoint[]): string =>
  points
    .map(({ sent, lost }, index) => {
      if (lost === 0 || sent === 0) return "";
      // The root makes the first percent visible and still tells it from a half.
      const bar = Math.max(LEAST_BAR, Math.sqrt(lost / sent) * (PLOT.lossBottom - PLOT.lossTop));
      const step = stepOf(points);
      return `M${fixed(index * step)} ${PLOT.lossBottom}v${fixed(-bar)}h${fixed(step)}v${fixed(bar)}z`;
    })
    .join("");

/** Height tells states apart where colour does not: what carries is full, what is ready is slim; trouble is full and hatched. */
const SHARES: Readonly<Record<TunnelState, number>> = { carries: 1, ready: 0.4, idle: 0.12, coming: 0.4, silent: 1, down: 1 };

const band = (state: TunnelState): Pick<Stretch, "y" | "height"> => {
  const height = SHARES[state] * PLOT.stateHeight;
  return { y: PLOT.stateTop + (PLOT.stateHeight - height) / 2, height };
};

const stretches = (points: readonly SeriesPoint[]): Stretch[] => {
  const step = stepOf(points);
  return [...new Set(points.flatMap(({ state }) => state ?? []))].flatMap((state) =>
    runs(points, (point) => point.state === state).map(([from, to]) => ({
      ...{ state, x: from * step, width: (to - from + 1) * step },
      ...band(state),
    })),
  );
};

const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** One tunnel's last minutes, drawn. `scale`: the milliseconds at its upper edge. */
export const plot = (points: readonly SeriesPoint[], scale: number, minutes: number): Plot => {
  const sent = points.reduce((sum, point) => sum + point.sent, 0);
  const lost = points.reduce((sum, point) => sum + point.lost, 0);
  const medians = points.flatMap(({ medianMs }) => medianMs ?? []);
  const slowest = Math.max(0, ...points.map(({ maxMs }) => maxMs ?? 0));
  const rttWords = medians.length === 0 ? "" : `median ${milliseconds(middle(medians))}, slowest ${milliseconds(slowest)}`;
  const lossWords = sent === 0 ? "" : percent(lost / sent);
  return {
    width: PLOT.width,
    from: `${minutes} min ago`,
    middle: String(minutes / 2),
    ...rttPaths(points, scale),
    loss: lossPath(points),
    stretches: stretches(points),
    rttWords,
    lossWords,
    words:
      sent === 0
        ? `Nothing was probed during the last ${minutes} minutes.`
        : `Round trip of the last ${minutes} minutes: ${rttWords || "no answer"}. Lost: ${lossWords} of ${sent} probes.`,
  };
};
