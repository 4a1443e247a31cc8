import { lasted } from "../lib/duration.ts";
import { connectionKey } from "../model/connection.ts";
import { eventText, type HistoryEvent } from "../model/history.ts";
import { type ConnectionStatus, isUp, type Reason, type TunnelStatus } from "../model/status.ts";
import { isWanted } from "../model/tunnel-state.ts";

/** `unborn`: wanted, and not up since it was last left alone, or since the agent came to know it. */
export type TunnelLevel = "unborn" | "well" | "silent" | "down" | "idle";

/** What is remembered of one tunnel. */
export interface TunnelMark {
  readonly level: TunnelLevel;
  /** When its trouble began, milliseconds since the epoch; null without trouble. */
  readonly troubleSince: number | null;
  /** Levels and codes of reasons that were told since it was last well: what is tried again and again is told once. */
  readonly told: readonly string[];
  /** As they were when last seen; "" when not known. */
  readonly address: string;
  readonly psk: string;
}

export const NEW_MARK: TunnelMark = { level: "unborn", troubleSince: null, told: [], address: "", psk: "" };

/** A tunnel that comes back must prove itself; where nothing can, being up for so long must do. */
const PROOF_MS = 10_000;

/** Whether an SA that is up may be called well although it was not. */
export const isProven = (tunnel: TunnelStatus, at: number): boolean =>
  isUp(tunnel) && (tunnel.passing === true || (tunnel.passing === null && at - tunnel.since >= PROOF_MS));

export const isTrouble = (level: TunnelLevel): boolean => level === "down" || level === "silent";

const levelNow = (before: TunnelLevel, connection: ConnectionStatus, tunnel: TunnelStatus, at: number): TunnelLevel => {
  if (isUp(tunnel) && tunnel.passing === false) return "silent";
  if (isUp(tunnel)) return isTrouble(before) && !isProven(tunnel, at) ? before : "well";
  if (!isWanted(connection, tunnel.index)) return "idle";
  return before === "well" || isTrouble(before) || tunnel.reason ? "down" : "unborn";
};

type Draft = Pick<HistoryEvent, "code" | "text"> & { readonly durationMs?: number };

const upDraft = (index: 1 | 2, since: number | null, at: number): Draft => {
  if (since === null) return { code: "tunnel-up", text: `Tunnel ${index} is up.` };
  const durationMs = Math.max(0, at - since);
  return { code: "tunnel-up", text: `Tunnel ${index} is well again after ${lasted(durationMs)}.`, durationMs };
};

/** A reason that is not of the declared list is charon's own words, and no sentence. */
const whyWords = ({ code, text }: Reason): string => (code === "unknown" ? `charon says: ${text}.` : text);

const downDraft = (before: TunnelMark, { index, reason }: TunnelStatus): Draft => {
  const never = before.level === "unborn" || before.level === "idle";
  const why = reason ? ` ${whyWords(reason)}` : "";
  return { code: "tunnel-down", text: `Tunnel ${index} ${never ? "does not come up" : "is down"}.${why}` };
};

const levelDraft = (before: TunnelMark, level: TunnelLevel, tunnel: TunnelStatus, at: number): Draft | null => {
  const { index, reason } = tunnel;
  if (level === "well") return before.level === "well" ? null : upDraft(index, before.troubleSince, at);
  if (!isTrouble(level)) return null;
  if (!before.told.includes(level))
    return level === "down"
      ? downDraft(before, tunnel)
      : { code: "tunnel-silent", text: `Tunnel ${index} is up but passes nothing.` };
  if (level === "silent" || !reason || before.told.includes(reason.code)) return null;
  return { code: "tunnel-reason", text: `Why tunnel ${index} is down: ${whyWords(reason)}` };
};

const toldNow = (before: TunnelMark, level: TunnelLevel, tunnel: TunnelStatus): readonly string[] => {
  if (level === "well") return [];
  if (!isTrouble(level)) return before.told;
  return [...new Set([...before.told, level, ...(tunnel.reason ? [tunnel.reason.code] : [])])];
};

/** A tunnel that was not up has lost nothing: how long it takes to come up is no trouble's length. */
const troubleSince = (before: TunnelMark, level: TunnelLevel, at: number): number | null => {
  if (!isTrouble(level)) return null;
  return before.troubleSince ?? (level === "silent" || before.level === "well" ? at : null);
};

const rotationText = (before: TunnelMark, tunnel: TunnelStatus, psk: string): string | null => {
  if (before.address !== "" && tunnel.address !== "" && before.address !== tunnel.address)
    return `Heroku moved tunnel ${tunnel.index} from ${before.address} to ${tunnel.address}.`;
  return before.psk !== "" && psk !== "" && before.psk !== psk ? `Heroku gave tunnel ${tunnel.index} a new PSK.` : null;
};

export interface WatchedTunnel {
  readonly mark: TunnelMark;
  readonly events: readonly HistoryEvent[];
}

/** Holds a tunnel against what is remembered of it. `at` is milliseconds since the epoch. */
export const watchTunnel = (
  before: TunnelMark,
  connection: ConnectionStatus,
  tunnel: TunnelStatus,
  at: number,
): WatchedTunnel => {
  const psk = tunnel.pskFingerprint ?? "";
  const level = levelNow(before.level, connection, tunnel, at);
  const rotated = rotationText(before, tunnel, psk);
  const drafts: (Draft | null)[] = [
    rotated === null ? null : { code: "rotated", text: rotated },
    levelDraft(before, level, tunnel, at),
  ];
  const about = { at, connection: connectionKey(connection), tunnel: tunnel.index };
  return {
    mark: {
      level,
      troubleSince: troubleSince(before, level, at),
      told: toldNow(before, level, tunnel),
      address: tunnel.address || before.address,
      psk: psk || before.psk,
    },
    events: drafts.flatMap((draft) => (draft ? [{ ...about, ...draft, text: eventText(draft.text) }] : [])),
  };
};
