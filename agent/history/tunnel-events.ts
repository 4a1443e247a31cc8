import { connectionKey } from "../model/connection.ts";
import { eventText, type HistoryEvent } from "../model/history.ts";
import { type ConnectionStatus, isUp, type TunnelStatus } from "../model/status.ts";
import { isWanted } from "../model/tunnel-state.ts";
import { lasted } from "./lasted.ts";

/** `unborn`: wanted, and not up since it was last left alone, or since the agent came to know it. */
export type TunnelLevel = "unborn" | "well" | "silent" | "down" | "idle";

/** What is remembered of one tunnel. */
export interface TunnelMark {
  readonly level: TunnelLevel;
  /** When its trouble began, milliseconds since the epoch; null without trouble. */
  readonly troubleSince: number | null;
  /** Whether the reason of this trouble has been told. */
  readonly explained: boolean;
  /** As they were when last seen; "" when not known. */
  readonly address: string;
  readonly psk: string;
}

export const NEW_MARK: TunnelMark = { level: "unborn", troubleSince: null, explained: false, address: "", psk: "" };

export interface Told<Mark> {
  readonly mark: Mark;
  readonly events: readonly HistoryEvent[];
}

/** What the tunnel is now, seen by itself. */
const levelNow = (before: TunnelLevel, connection: ConnectionStatus, tunnel: TunnelStatus): TunnelLevel => {
  if (isUp(tunnel)) return tunnel.passing === false ? "silent" : "well";
  if (!isWanted(connection, tunnel.index)) return "idle";
  return before === "well" || before === "silent" || before === "down" || tunnel.reason ? "down" : "unborn";
};

type Draft = Pick<HistoryEvent, "code" | "text"> & { readonly durationMs?: number };

const downText = (before: TunnelLevel, index: 1 | 2, why: string): string =>
  `Tunnel ${index} ${before === "unborn" || before === "idle" ? "does not come up" : "is down"}.${why}`;

const upDraft = (index: 1 | 2, since: number | null, at: number): Draft => {
  if (since === null) return { code: "tunnel-up", text: `Tunnel ${index} is up.` };
  const durationMs = Math.max(0, at - since);
  return { code: "tunnel-up", text: `Tunnel ${index} is well again after ${lasted(durationMs)}.`, durationMs };
};

const levelDraft = (before: TunnelMark, level: TunnelLevel, tunnel: TunnelStatus, at: number): Draft | null => {
  const { index, reason } = tunnel;
  const why = reason ? ` ${reason.text}` : "";
  if (level === before.level)
    return level === "down" && reason && !before.explained
      ? { code: "tunnel-reason", text: `Why tunnel ${index} is down:${why}` }
      : null;
  if (level === "down") return { code: "tunnel-down", text: downText(before.level, index, why) };
  if (level === "silent") return { code: "tunnel-silent", text: `Tunnel ${index} is up but passes nothing.${why}` };
  if (level === "well") return upDraft(index, before.troubleSince, at);
  // A tunnel that has not been up yet stands by from the beginning: nothing happened.
  return level === "idle" && before.level !== "unborn"
    ? { code: "tunnel-idle", text: `Tunnel ${index} stands by: with policy routing one tunnel is up at a time.` }
    : null;
};

const rotationText = (before: TunnelMark, tunnel: TunnelStatus, psk: string): string | null => {
  if (before.address !== "" && tunnel.address !== "" && before.address !== tunnel.address)
    return `Heroku moved tunnel ${tunnel.index} from ${before.address} to ${tunnel.address}.`;
  return before.psk !== "" && psk !== "" && before.psk !== psk ? `Heroku gave tunnel ${tunnel.index} a new PSK.` : null;
};

/** Holds a tunnel against what is remembered of it. `at` is milliseconds since the epoch. */
export const watchTunnel = (
  before: TunnelMark,
  connection: ConnectionStatus,
  tunnel: TunnelStatus,
  at: number,
): Told<TunnelMark> => {
  const psk = tunnel.pskFingerprint ?? "";
  const level = levelNow(before.level, connection, tunnel);
  const rotated = rotationText(before, tunnel, psk);
  const drafts: (Draft | null)[] = [
    rotated === null ? null : { code: "rotated", text: rotated },
    levelDraft(before, level, tunnel, at),
  ];
  const sick = level === "down" || level === "silent";
  const about = { at, connection: connectionKey(connection), tunnel: tunnel.index };
  return {
    mark: {
      level,
      troubleSince: sick ? (before.troubleSince ?? at) : null,
      explained: level === "down" && (tunnel.reason !== null || (before.level === "down" && before.explained)),
      address: tunnel.address || before.address,
      psk: psk || before.psk,
    },
    events: drafts.flatMap((draft) => (draft ? [{ ...about, ...draft, text: eventText(draft.text) }] : [])),
  };
};
