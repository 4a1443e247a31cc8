import { connectionKey } from "../model/connection.ts";
import type { History } from "../model/history.ts";
import type { ConnectionStatus, Status, Warning } from "../model/status.ts";
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
  readonly anchor: string;
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
  readonly warnings: readonly ShownWarning[];
  readonly connections: readonly ShownConnection[];
  readonly timeline: readonly TimelineEntry[];
  readonly facts: readonly string[];
}

/** Above so many, what is well is folded up. */
const OPEN_CONNECTIONS = 3;

const anchors = ({ connections }: Status): ReadonlyMap<string, string> =>
  new Map(connections.map((connection, place) => [connectionKey(connection), `connection-${place + 1}`]));

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
  where: warning.connection ?? "",
  anchor: known.get(warning.connection ?? "") ?? "",
  since: age(warning.since, now),
  glyph: SEVERITY_GLYPHS[warning.severity],
});

const shownConnection = (connection: ConnectionStatus, status: Status, history: History, anchor: string): ShownConnection => ({
  anchor,
  key: connectionKey(connection),
  space: connection.space,
  name: connection.name,
  status: connection.status,
  glyph: connection.status === "waiting" ? "starting" : connection.status,
  sentence: connectionSentence(connection),
  source: sourceWords(connection, status.at),
  picture: picture(connection),
  tunnels: tunnelPanels(connection, status, history),
  open: status.connections.length <= OPEN_CONNECTIONS || connection.status !== "ok",
});

const factsOf = ({ version, startedAt, at, charon, passes }: Status): string[] => [
  `spacegate ${version}, running for ${age(startedAt, at)}`,
  charon.running ? `strongSwan ${charon.version || "of unknown version"} by ${charon.via}` : "strongSwan is not running",
  `${passes.total} passes, ${passes.changes} changes, ${passes.driftRepairs} of them repairs of what somebody changed`,
];

/** Everything that the page shows, as texts. `host` is this machine's name. */
export const pageView = (status: Status, history: History, host: string): PageView => {
  const known = anchors(status);
  const warnings = status.warnings.map((warning) => shownWarning(warning, status.at, known));
  const heading = headline(status);
  return {
    host,
    title: `${heading} – ${host}`,
    status: status.status,
    headline: heading,
    say: [`${heading}.`, ...status.warnings.slice(0, 3).map(({ text }) => text)].join(" "),
    iso: new Date(status.at).toISOString(),
    time: clockTime(status.at, status.at),
    many: status.connections.length > 1,
    warnings,
    connections: status.connections.map((connection) =>
      shownConnection(connection, status, history, known.get(connectionKey(connection)) ?? ""),
    ),
    timeline: timeline(history.events(), status),
    facts: factsOf(status),
  };
};
