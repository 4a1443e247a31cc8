import { connectionKey } from "../model/connection.ts";
import type { History } from "../model/history.ts";
import { type ConnectionStatus, isUp, type Status, type TunnelStatus } from "../model/status.ts";
import { type TunnelState, tunnelState } from "../model/tunnel-state.ts";
import { type Plot, plot, scaleOf, windowOf } from "./page-plot.ts";
import { age, ago, bytes, milliseconds, type Piece, percent, pieces, STATE_WORDS, tunnelRtt } from "./page-words.ts";

interface Fact {
  readonly name: string;
  readonly value: string;
}

/** One tunnel, as the template shows it below the picture. */
export interface TunnelPanel {
  readonly index: string;
  readonly state: TunnelState;
  readonly words: string;
  readonly address: string;
  readonly rtt: string;
  readonly loss: string;
  readonly plot: Plot;
  readonly scale: string;
  readonly reason: readonly Piece[];
  readonly fix: readonly Piece[];
  readonly facts: readonly Fact[];
}

const factsOf = (tunnel: TunnelStatus, now: number): Fact[] => {
  const { ike, child, bytesIn, bytesOut, lastPacketInAt, childRekeys, losses, providerStatus, pskFingerprint } = tunnel;
  const held = `${isUp(tunnel) ? "up" : "down"} for ${age(tunnel.since, now)}`;
  return [
    { name: "IKE_SA", value: ike },
    { name: "CHILD_SA", value: `${child}, ${held}` },
    { name: "Last packet in", value: lastPacketInAt === null ? "none yet" : ago(lastPacketInAt, now) },
    { name: "In / out", value: `${bytes(bytesIn)} / ${bytes(bytesOut)}` },
    { name: "Rekeyed / lost", value: `${childRekeys} / ${losses} times` },
    { name: "Heroku says", value: providerStatus || "nothing" },
    { name: "PSK fingerprint", value: pskFingerprint ?? "not known" },
  ];
};

/** Warnings that have a tunnel's reason in them. */
const SAY_WHY: ReadonlySet<string> = new Set(["tunnel-down", "tunnel-not-passing"]);

/** A warning says it already, with the fix, at the top of the page. */
const isWarnedOf = ({ warnings }: Status, connection: ConnectionStatus, { index }: TunnelStatus): boolean =>
  warnings.some(
    (warning) => SAY_WHY.has(warning.code) && warning.tunnel === index && warning.connection === connectionKey(connection),
  );

/** The tunnels of a connection, their plots drawn to one scale. */
export const tunnelPanels = (connection: ConnectionStatus, status: Status, history: History): TunnelPanel[] => {
  const series = connection.tunnels.map(({ conn }) => history.series(conn));
  const scale = scaleOf(series);
  const minutes = windowOf(series, history.pointMs);
  const shown = series.map((points) => points.slice(-(minutes * 60_000) / history.pointMs));
  return connection.tunnels.map((tunnel, place): TunnelPanel => {
    const state = tunnelState(connection, tunnel);
    const reason = isWarnedOf(status, connection, tunnel) ? null : tunnel.reason;
    return {
      index: String(tunnel.index),
      state,
      words: STATE_WORDS[state],
      address: tunnel.address,
      rtt: tunnelRtt(tunnel),
      loss: isUp(tunnel) && tunnel.lossRatio !== null ? percent(tunnel.lossRatio) : "–",
      plot: plot(shown[place] ?? [], scale, minutes),
      scale: milliseconds(scale),
      reason: pieces(reason?.text ?? ""),
      fix: pieces(reason?.fix ?? ""),
      facts: factsOf(tunnel, status.at),
    };
  });
};
