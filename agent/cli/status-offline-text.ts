import { formatDuration } from "../lib/duration.ts";
import { connectionKey } from "../model/connection.ts";
import type { OfflineConnection, OfflineStatus, OfflineTunnel } from "../model/offline-status.ts";
import { isUp } from "../model/status.ts";
import { paint, plain, type Screen, wrap } from "./screen.ts";
import { tunnelHead, tunnelLine, tunnelNote, type Verdict, verdictText } from "./status-parts.ts";

const NOT_RUNNING: Verdict = { symbol: "x", word: "no agent answers", style: "red" };

const tunnelVerdict = (tunnel: OfflineTunnel): Verdict =>
  isUp(tunnel) ? { symbol: "?", word: "installed", style: "yellow" } : { symbol: "x", word: "down", style: "red" };

const stateText = (tunnel: OfflineTunnel): string =>
  `IKE ${tunnel.ike}, child ${tunnel.child}${tunnel.loaded === false ? `; charon has not loaded ${tunnel.conn}` : ""}`;

const tunnelLines = (screen: Screen, tunnel: OfflineTunnel): string[] => [
  tunnelLine(screen, {
    ...tunnel,
    carries: false,
    verdict: tunnelVerdict(tunnel),
    duration: tunnel.establishedS === null ? "-" : formatDuration(tunnel.establishedS * 1000),
    rttMs: null,
    lossRatio: null,
  }),
  tunnelNote(screen, stateText(tunnel)),
];

const herokuText = ({ confirmedAt, providerStatus }: OfflineConnection, at: number): string =>
  confirmedAt === null
    ? "no last good copy of Heroku's details"
    : `Heroku said ${providerStatus || "nothing"} ${formatDuration(at - confirmedAt)} ago (last good copy)`;

const connectionLines = (screen: Screen, { at }: OfflineStatus, connection: OfflineConnection): string[] => [
  "",
  wrap(screen, "", paint(screen, "bold", connectionKey(connection))),
  wrap(screen, "  ", plain(herokuText(connection, at))),
  tunnelHead(screen),
  ...connection.tunnels.flatMap((tunnel) => tunnelLines(screen, tunnel)),
];

const charonText = ({ charon }: OfflineStatus): string =>
  charon.running
    ? `strongSwan ${charon.version} runs, and this is what charon itself tells (by ${charon.via}). Whether packets pass is not known without the agent. Bytes count since the last rekey.`
    : `strongSwan's charon does not answer either: ${charon.why}`;

/** What can be told without the agent, on one screen. */
export const offlineText = (status: OfflineStatus, screen: Screen): string =>
  [
    wrap(screen, `${verdictText(screen, NOT_RUNNING)}: `, plain(status.agent.text)),
    wrap(screen, "    ", plain(`Fix: ${status.agent.fix}`)),
    wrap(screen, "", plain(charonText(status))),
    ...status.connections.flatMap((connection) => connectionLines(screen, status, connection)),
    ...(status.strays.length > 0
      ? ["", wrap(screen, "", plain(`charon also has these conns, which the settings do not: ${status.strays.join(", ")}`))]
      : []),
  ].join("\n");
