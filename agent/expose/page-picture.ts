import type { ConnectionStatus, TunnelStatus } from "../model/status.ts";
import { type TunnelState, tunnelState } from "../model/tunnel-state.ts";
import { milliseconds, percent, STATE_WORDS, shortened } from "./page-words.ts";

/** A line of text in the drawing and how far down it stands. */
interface Line {
  readonly text: string;
  readonly y: number;
}

/** One tunnel of the picture, as the template draws it. */
export interface Lane {
  readonly index: string;
  readonly state: TunnelState;
  readonly words: string;
  readonly shortWords: string;
  /** It stands by, and its last try failed. */
  readonly doubtful: boolean;
  readonly address: string;
  /** Packets are shown to flow. */
  readonly flows: boolean;
  /** Where it begins: from the top when lanes lie, from the left when they stand. */
  readonly top: number;
  readonly left: number;
  /** The round trip, or why there is none, as much of it as there is room for. */
  readonly wideNote: string;
  readonly narrowNote: readonly Line[];
}

/** The gateway, its tunnels and the space, in the units of the drawings in the template. */
export interface Picture {
  readonly words: string;
  readonly gateway: string;
  readonly localLines: readonly Line[];
  readonly localShort: readonly Line[];
  readonly space: string;
  readonly spaceShort: string;
  readonly spaceBlock: string;
  readonly provider: string;
  readonly lanes: readonly Lane[];
}

const measured = ({ rttMs, lossRatio }: TunnelStatus): string =>
  [rttMs === null ? "" : milliseconds(rttMs), lossRatio === null ? "" : `${percent(lossRatio)} lost`]
    .filter((word) => word !== "")
    .join(" · ");

const noteOf = (state: TunnelState, tunnel: TunnelStatus): string => {
  if (state === "carries" || state === "ready") return measured(tunnel) || (tunnel.passing === null ? "not proven" : "");
  if (state === "coming") return "no CHILD_SA yet";
  if (state === "idle") return tunnel.reason?.text ?? "loaded; comes up when needed";
  return tunnel.reason?.text ?? "no reason known yet";
};

/** As many lines of so many characters as there is room for, broken between words. */
const wrapped = (text: string, length: number, count: number): string[] => {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= length) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  const kept = lines.slice(0, count).map((line) => shortened(line, length));
  return lines.length > count ? [...kept.slice(0, -1), shortened(`${kept.at(-1)} …`, length)] : kept;
};

const below = (texts: readonly string[], first: number, step: number): Line[] =>
  texts.map((text, place) => ({ text, y: first + place * step }));

const lane = (connection: ConnectionStatus, tunnel: TunnelStatus): Lane => {
  const state = tunnelState(connection, tunnel);
  const note = noteOf(state, tunnel);
  const doubtful = state === "idle" && tunnel.reason !== null;
  return {
    index: String(tunnel.index),
    state,
    words: doubtful ? `${STATE_WORDS[state]}, last try failed` : STATE_WORDS[state],
    shortWords: STATE_WORDS[state],
    doubtful,
    address: shortened(tunnel.address, 18) || "address not known",
    flows: state === "carries",
    top: tunnel.index === 1 ? 16 : 108,
    left: tunnel.index === 1 ? 0 : 172,
    wideNote: shortened(note, 62),
    narrowNote: below(wrapped(note, 17, 4), 171, 17),
  };
};

const few = (subnets: readonly string[], count: number): string[] =>
  subnets.length <= count ? [...subnets] : [...subnets.slice(0, count - 1), `and ${subnets.length - count + 1} more`];

/** What the picture of a connection shows. */
export const picture = (connection: ConnectionStatus): Picture => {
  const { networks, providerStatus } = connection;
  const local = (networks?.local ?? []).map((block) => shortened(block, 19));
  const lanes = connection.tunnels.map((tunnel) => lane(connection, tunnel));
  const told = lanes.map(({ index, words, address, wideNote }) => `Tunnel ${index} to ${address} ${words}: ${wideNote}`);
  return {
    words: [`Between this gateway and the space ${connection.space}`, ...told].join(". "),
    gateway: shortened(networks?.gateway ?? "", 19),
    localLines: below(few(local, 4), 116, 20),
    localShort: below(few(local, 2), 23, 22),
    space: shortened(connection.space, 17),
    spaceShort: shortened(connection.space, 20),
    spaceBlock: shortened(networks?.space ?? "", 19),
    provider: providerStatus === "" ? "" : shortened(`Heroku: ${providerStatus}`, 20),
    lanes,
  };
};
