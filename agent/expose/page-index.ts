import { connectionKey } from "../model/connection.ts";
import type { ConnectionStatus, Status } from "../model/status.ts";
import { type TunnelState, tunnelState } from "../model/tunnel-state.ts";
import { STATE_WORDS, tunnelRtt } from "./page-words.ts";

/** One line of the index of connections. */
export interface IndexRow {
  readonly key: string;
  readonly href: string;
  readonly status: ConnectionStatus["status"];
  readonly glyph: string;
  readonly tunnels: readonly { readonly state: TunnelState; readonly words: string; readonly rtt: string }[];
}

/** Above so many only what is not well is drawn: a page of a thousand plots would keep the agent from its work. */
const DRAWN = 24;

/** What the page draws, by "acme-space/office", each with its anchor; `only`: that one alone, when there is such a one. */
export const drawn = ({ connections }: Status, only: string | undefined): ReadonlyMap<string, string> => {
  const keys = connections.map((connection) => ({ key: connectionKey(connection), isWell: connection.status === "ok" }));
  const alone = keys.filter(({ key }) => key === only);
  const wanted = keys.length <= DRAWN ? keys : keys.filter(({ isWell }) => !isWell);
  const shown = alone.length > 0 ? alone : wanted.slice(0, DRAWN);
  return new Map(shown.map(({ key }, place) => [key, `connection-${place + 1}`]));
};

/** Where a connection is to be seen: on this page or on one of its own. */
export const linkTo = (key: string, anchors: ReadonlyMap<string, string>): string =>
  anchors.has(key) ? `#${anchors.get(key)}` : `/?connection=${encodeURIComponent(key)}`;

export const glyphOf = ({ status }: Pick<ConnectionStatus, "status">): string => (status === "waiting" ? "starting" : status);

export const indexRow = (connection: ConnectionStatus, anchors: ReadonlyMap<string, string>): IndexRow => ({
  key: connectionKey(connection),
  href: linkTo(connectionKey(connection), anchors),
  status: connection.status,
  glyph: glyphOf(connection),
  tunnels: connection.tunnels.map((tunnel) => {
    const state = tunnelState(connection, tunnel);
    return { state, words: STATE_WORDS[state], rtt: tunnelRtt(tunnel) };
  }),
});
