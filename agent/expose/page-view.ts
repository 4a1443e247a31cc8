import { connectionKey } from "../model/connection.ts";
import type { History } from "../model/history.ts";
import type { ConnectionStatus, Status, Warning } from "../model/status.ts";
import { drawn, glyphOf, type IndexRow, indexRow, linkTo } from "./page-index.ts";
import { type ShownLink, shownLinks } from "./page-links.ts";
import { type Picture, picture } from "./page-picture.ts";
import { type TimelineEntry, timeline } from "./page-timeline.ts";
import { type TunnelPanel, tunnelPanels } from "./page-tunnel.ts";
import { age, ago, clockTime, connectionSentence, headline, type Piece, pieces } from "./page-words.ts";

interface ShownWarning {
  readonly severity: Warning["severity"];
  readonly title: string;
  readonly text: readonly Piece[];
  readonly fix: readonly Piece[];
  readonly code: string;
  readonly where: string;
  readonly href: string;
  readonly since: string;
  readonly glyph: string;
}

interface ShownConnection {
  readonly anchor: string;
  readonly key: string;
  readonly space: string;
  readonly name: string;
  readonly status: ConnectionStatus["status"];
  readonly glyph: string;
  readonly sentence: string;
  readonly source: string;
  readonly picture: Picture;
  readonly tunnels: readonly TunnelPanel[];
  readonly open: boolean;
}

export interface PageView {
  readonly host: string;
  readonly title: string;
  readonly status: Status["status"];
  readonly headline: string;
  /** What a screen reader says when it changes. */
  readonly say: string;
  readonly iso: string;
  readonly time: string;
  readonly many: boolean;
  /** One connection of several is shown alone. */
  readonly alone: boolean;
  /** Empty for a single connection. */
  readonly index: readonly IndexRow[];
  readonly warnings: readonly ShownWarning[];
  readonly moreWarnings: number;
  readonly connections: readonly ShownConnection[];
  /** Empty where none is declared. */
  readonly links: readonly ShownLink[];
  readonly timeline: readonly TimelineEntry[];
  readonly facts: readonly string[];
}

/** The most severe come first. */
const SHOWN_WARNINGS = 20;

/** Above so many, what is well is folded up. */
const OPEN_CONNECTIONS = 3;

const sourceWords = ({ source }: ConnectionStatus, now: number): string => {
  if (source.confirmedAt === null) return "no details known yet";
  const confirmed = `details confirmed ${ago(source.confirmedAt, now)}`;
  return source.origin === "last-good-copy" ? `${confirmed}, from the last good copy` : confirmed;
};

const SEVERITY_GLYPHS = { critical: "down", warning: "silent", info: "note" } as const;

const shownWarning = (warning: Warning, now: number, known: ReadonlyMap<string, string>): ShownWarning => ({
  severity: warning.severity,
  title: warning.title,
  text: pieces(warning.text),
  fix: pieces(warning.fix),
  code: warning.code,
  where: warning.connection ?? warning.link ?? "",
  href: warning.link === undefined ? linkTo(warning.connection ?? "", known) : "/#links",
  since: age(warning.since, now),
  glyph: SEVERITY_GLYPHS[warning.severity],
});

const shownConnection = (
  connection: ConnectionStatus,
  status: Status,
  history: History,
  anchor: string,
  alone: boolean,
): ShownConnection => ({
  anchor,
  key: connectionKey(connection),
  space: connection.space,
  name: connection.name,
  status: connection.status,
  glyph: glyphOf(connection),
  sentence: connectionSentence(connection),
  source: sourceWords(connection, status.at),
  picture: picture(connection),
  tunnels: tunnelPanels(connection, status, history),
  open: alone || status.connections.length <= OPEN_CONNECTIONS || connection.status !== "ok",
});

const factsOf = ({ version, startedAt, at, charon, passes }: Status): string[] => [
  `spacegate ${version}, running for ${age(startedAt, at)}`,
  charon.running ? `strongSwan ${charon.version || "of unknown version"} by ${charon.via}` : "strongSwan is not running",
  `${passes.total} passes, ${passes.changes} changes, ${passes.driftRepairs} of them repairs of what somebody changed`,
];

/** Everything that the page shows, as texts. `host` is this machine's name; `only`: one connection ("acme-space/office") alone. */
export const pageView = (status: Status, history: History, host: string, only?: string): PageView => {
  const { connections, warnings, at } = status;
  const anchors = drawn(status, only);
  const alone = connections.length > 1 && only !== undefined && anchors.has(only) && anchors.size === 1;
  const heading = headline(status);
  return {
    host,
    title: `${heading} – ${host}`,
    status: status.status,
    headline: heading,
    say: [`${heading}.`, ...warnings.slice(0, 3).map(({ text }) => text)].join(" "),
    iso: new Date(at).toISOString(),
    time: clockTime(at, at),
    many: connections.length > 1,
    alone,
    warnings: warnings.slice(0, SHOWN_WARNINGS).map((warning) => shownWarning(warning, at, anchors)),
    moreWarnings: Math.max(0, warnings.length - SHOWN_WARNINGS),
    index: connections.length > 1 && !alone ? connections.map((connection) => indexRow(connection, anchors)) : [],
    connections: connections.flatMap((connection) => {
      const anchor = anchors.get(connectionKey(connection));
      return anchor === undefined ? [] : [shownConnection(connection, status, history, anchor, alone)];
    }),
    links: alone ? [] : shownLinks(status),
    timeline: timeline(history.events(), status),
    facts: factsOf(status),
  };
};
