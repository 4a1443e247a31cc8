import { formatBytes } from "../lib/bytes.ts";
import { paint, plain, type Screen, type Style, wrap } from "./screen.ts";

/** A symbol, a word and a colour that say the same. */
export interface Verdict {
  readonly symbol: "+" | "!" | "x" | "?" | "-" | "~";
  readonly word: string;
  readonly style: Style;
}

export const verdictText = (screen: Screen, { symbol, word, style }: Verdict, width = 0): string =>
  paint(screen, style, `${symbol} ${word}`.padEnd(width));

/** One tunnel's line; what is not known is null. */
export interface TunnelCells {
  readonly index: number;
  readonly address: string;
  readonly carries: boolean;
  readonly verdict: Verdict;
  readonly duration: string;
  readonly rttMs: number | null;
  /** 0..1. */
  readonly lossRatio: number | null;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const WIDTHS = { address: 16, verdict: 14, duration: 9, rtt: 9, loss: 7, bytes: 9 } as const;

const line = (
  mark: string,
  address: string,
  verdict: string,
  rest: readonly [string, string, string, string, string],
): string => {
  const [duration, rtt, loss, bytesIn, bytesOut] = rest;
  const cells = [
    duration.padEnd(WIDTHS.duration),
    rtt.padEnd(WIDTHS.rtt),
    loss.padEnd(WIDTHS.loss),
    bytesIn.padEnd(WIDTHS.bytes),
  ];
  return `  ${mark}${address.padEnd(WIDTHS.address)}${verdict}${cells.join("")}${bytesOut}`.trimEnd();
};

/** The head of the tunnels' table, 79 columns at most. */
export const tunnelHead = (screen: Screen): string => {
  const head = line("   ", "TUNNEL".padEnd(WIDTHS.address + 2), "STATE".padEnd(WIDTHS.verdict), [
    "FOR",
    "RTT",
    "LOSS",
    "IN",
    "OUT",
  ]);
  return paint(screen, "dim", wrap(screen, "", head));
};

const rttText = (ms: number | null): string => (ms === null ? "-" : `${ms.toFixed(ms < 100 ? 1 : 0)} ms`);

/** Some loss never looks like none. */
const lossText = (ratio: number | null): string =>
  ratio === null ? "-" : ratio > 0 && ratio < 0.01 ? "<1 %" : `${Math.round(ratio * 100)} %`;

export const tunnelLine = (screen: Screen, tunnel: TunnelCells): string =>
  wrap(
    screen,
    "",
    line(
      `${tunnel.carries ? ">" : " "}  ${tunnel.index} `,
      plain(tunnel.address) || "not known",
      verdictText(screen, tunnel.verdict, WIDTHS.verdict),
      [
        tunnel.duration,
        rttText(tunnel.rttMs),
        lossText(tunnel.lossRatio),
        formatBytes(tunnel.bytesIn),
        formatBytes(tunnel.bytesOut),
      ],
    ),
  );

/** Below a tunnel's line. */
export const tunnelNote = (screen: Screen, text: string): string => wrap(screen, "       ", plain(text));
