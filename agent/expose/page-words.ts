import { formatDuration } from "../lib/duration.ts";
import { type ConnectionStatus, isUp, type Status, type TunnelStatus } from "../model/status.ts";
import { type TunnelState, tunnelState } from "../model/tunnel-state.ts";

/** What a tunnel does, to be put behind its name. */
export const STATE_WORDS: Readonly<Record<TunnelState, string>> = {
  carries: "carries",
  ready: "is ready",
  idle: "stands by",
  coming: "is coming up",
  silent: "passes nothing",
  down: "is down",
};

/** Both tunnels of a connection in one sentence: "Tunnel 1 carries, tunnel 2 is down." */
export const connectionSentence = (connection: ConnectionStatus): string => {
  const parts = connection.tunnels.map((tunnel) => `tunnel ${tunnel.index} ${STATE_WORDS[tunnelState(connection, tunnel)]}`);
  const words = parts.join(", ");
  return words === "" ? "No tunnel is known yet." : `${words[0]?.toUpperCase()}${words.slice(1)}.`;
};

const ONE: Readonly<Record<ConnectionStatus["status"], string>> = {
  starting: "Starting: the tunnels are coming up",
  waiting: "Waiting for the connection's details",
  ok: "Traffic passes",
  degraded: "Traffic passes, without a spare tunnel",
  down: "No traffic passes",
};

const MANY: Readonly<Record<ConnectionStatus["status"], string>> = {
  down: "down",
  degraded: "without a spare tunnel",
  waiting: "waiting for details",
  starting: "starting",
  ok: "well",
};

const countWords = (connections: readonly ConnectionStatus[]): string =>
  (["down", "degraded", "waiting", "starting", "ok"] as const)
    .flatMap((status) => {
      const count = connections.filter((connection) => connection.status === status).length;
      return count === 0 ? [] : [`${count} ${MANY[status]}`];
    })
    .join(", ");

/** What is not well of the PrivateLinks, behind what is said of the tunnels. */
const linkWords = ({ privatelinks = [] }: Status): string => {
  const [first, ...more] = privatelinks.filter(({ status }) => status === "down" || status === "degraded");
  if (!first) return "";
  if (more.length > 0) return `; ${more.length + 1} PrivateLinks are not well`;
  return first.status === "down" ? `; ${first.name} carries nothing` : `; ${first.name} is degraded`;
};

/** The gateway in one line: the page's heading. */
export const headline = (status: Status): string =>
  status.ready ? `${tunnelWords(status)}${linkWords(status)}` : tunnelWords(status);

const tunnelWords = ({ ready, connections }: Status): string => {
  const [first] = connections;
  if (!ready) return "Starting: the first look at the host is not finished";
  if (!first) return "No connection is in the settings";
  if (connections.length === 1) return ONE[first.status];
  return connections.every(({ status }) => status === "ok")
    ? `All ${connections.length} connections pass traffic`
    : `${connections.length} connections: ${countWords(connections)}`;
};

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "14:03:22", with the day before it when it was another one. UTC: a gateway and whoever looks at it may be far apart. */
export const clockTime = (at: number, now: number): string => {
  const time = new Date(at).toISOString();
  const day = new Date(at);
  return time.slice(0, 10) === new Date(now).toISOString().slice(0, 10)
    ? time.slice(11, 19)
    : `${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]} ${time.slice(11, 19)}`;
};

/** How long something has been so. */
export const age = (since: number, now: number): string => formatDuration(Math.max(0, now - since));

/** How long ago something was. */
export const ago = (at: number, now: number): string => (now - at < 2000 ? "just now" : `${age(at, now)} ago`);

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

export const bytes = (count: number): string => {
  const power = count < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
};

export const milliseconds = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;

/** The newest round trip through a tunnel, where there is one that still means something. */
export const tunnelRtt = (tunnel: TunnelStatus): string =>
  isUp(tunnel) && tunnel.rttMs !== null && tunnel.passing !== false ? milliseconds(tunnel.rttMs) : "–";

/** A share of lost probes as a percentage; what was lost never reads as nothing lost. */
export const percent = (ratio: number): string => {
  if (ratio === 0) return "0 %";
  const value = ratio * 100;
  return value < 0.1 ? "< 0.1 %" : `${value < 10 ? value.toFixed(1) : Math.round(value)} %`;
};

/** The text, or its beginning where there is room for `length` characters. */
export const shortened = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;

export interface Piece {
  readonly text: string;
  readonly code: boolean;
}

/** What stands between backticks is a command. */
export const pieces = (text: string): Piece[] =>
  text
    .split("`")
    .map((piece, index) => ({ text: piece, code: index % 2 === 1 }))
    .filter((piece) => piece.text !== "");
