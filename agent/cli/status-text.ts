import { formatDuration } from "../lib/duration.ts";
import { connectionKey } from "../model/connection.ts";
import { type ConnectionStatus, isUp, type Status, type TunnelStatus, type Warning } from "../model/status.ts";
import { linkLines } from "./link-text.ts";
import { paint, plain, type Screen, wrap } from "./screen.ts";
import { tunnelHead, tunnelLine, tunnelNote, type Verdict, verdictText } from "./status-parts.ts";

const HEALTH: Readonly<Record<ConnectionStatus["status"], Verdict>> = {
  ok: { symbol: "+", word: "ok", style: "green" },
  degraded: { symbol: "!", word: "degraded", style: "yellow" },
  down: { symbol: "x", word: "down", style: "red" },
  starting: { symbol: "~", word: "starting", style: "yellow" },
  waiting: { symbol: "~", word: "waiting for Heroku", style: "yellow" },
};

const tunnelVerdict = (tunnel: TunnelStatus, { routing, carrier }: ConnectionStatus): Verdict => {
  if (isUp(tunnel)) {
    if (tunnel.passing === null) return { symbol: "?", word: "not proven", style: "yellow" };
    return tunnel.passing ? { symbol: "+", word: "passing", style: "green" } : { symbol: "x", word: "not passing", style: "red" };
  }
  // With policy routing the other tunnel is down on purpose.
  if (routing === "policy" && carrier !== tunnel.index) return { symbol: "-", word: "ready", style: "dim" };
  return { symbol: "x", word: "down", style: "red" };
};

const tunnelLines = (screen: Screen, tunnel: TunnelStatus, connection: ConnectionStatus, now: number): string[] => {
  const carries = tunnel.index === connection.carrier;
  const verdict = tunnelVerdict(tunnel, connection);
  const facts = [
    ...(carries ? ["carries"] : []),
    `IKE ${tunnel.ike}, child ${tunnel.child}`,
    ...(tunnel.providerStatus === "" ? [] : [`Heroku says ${tunnel.providerStatus}`]),
  ];
  const why = tunnel.reason && verdict.symbol !== "-" ? [`why: ${tunnel.reason.text} (${tunnel.reason.code})`] : [];
  return [
    tunnelLine(screen, { ...tunnel, carries, verdict, duration: formatDuration(now - tunnel.since) }),
    ...[facts.join("; "), ...why].map((text) => tunnelNote(screen, text)),
  ];
};

const herokuText = ({ providerStatus, source }: ConnectionStatus, now: number): string => {
  const ago = source.confirmedAt === null ? "" : `${formatDuration(now - source.confirmedAt)} ago`;
  if (source.origin === "none") return `Heroku's details are not known yet (${source.kind})`;
  if (source.origin === "last-good-copy")
    return `Heroku said ${providerStatus || "nothing"} ${ago}; since then only the last good copy`;
  return `Heroku says ${providerStatus || "nothing"}, confirmed ${ago} (${source.kind})`;
};

const drillText = ({ drills }: Status, { space, name }: ConnectionStatus, now: number): string[] => {
  const last = drills.find((drill) => drill.space === space && drill.connection === name);
  return last ? [`last drill ${formatDuration(now - last.at)} ago: ${last.outageS.toFixed(2)} s without packets`] : [];
};

const connectionLines = (screen: Screen, status: Status, connection: ConnectionStatus): string[] => {
  const facts = [
    ...(connection.routing ? [`routing ${connection.routing}`] : []),
    herokuText(connection, status.at),
    ...drillText(status, connection, status.at),
  ];
  const head = `${paint(screen, "bold", connectionKey(connection))}  ${verdictText(screen, HEALTH[connection.status])}`;
  return [
    "",
    wrap(screen, "", head),
    wrap(screen, "  ", plain(facts.join("; "))),
    tunnelHead(screen),
    ...connection.tunnels.flatMap((tunnel) => tunnelLines(screen, tunnel, connection, status.at)),
  ];
};

const SEVERITY: Readonly<Record<Warning["severity"], Verdict>> = {
  critical: { symbol: "x", word: "critical", style: "red" },
  warning: { symbol: "!", word: "warning", style: "yellow" },
  info: { symbol: "-", word: "note", style: "dim" },
};

const warningLines = (screen: Screen, warning: Warning, now: number): string[] => {
  const subject = warning.connection ?? warning.link;
  const about = subject ? `${subject}: ` : "";
  return [
    wrap(screen, `${verdictText(screen, SEVERITY[warning.severity])}: `, plain(`${about}${warning.text}`)),
    wrap(screen, "    ", plain(`Fix: ${warning.fix}`)),
    wrap(screen, "    ", plain(`(${warning.code}, for ${formatDuration(now - warning.since)})`)),
  ];
};

const charonText = ({ charon }: Status): string =>
  charon.running ? `strongSwan ${charon.version} by ${charon.via}` : "strongSwan is not running";

const firewallText = ({ firewall }: Status): string[] => {
  if (!firewall?.managed) return firewall ? ["firewall left to you"] : [];
  const { ike_refused: ike, forward_refused: other, forward_clear: clear } = firewall.counts;
  const dropped = [ike, other, clear].reduce((sum, count) => sum + (count?.packets ?? 0), 0);
  return [firewall.active ? `firewall in force, ${dropped} packets dropped` : "firewall not in force"];
};

const hasCodes = ({ warnings, connections }: Status): boolean =>
  warnings.length > 0 || connections.some(({ tunnels }) => tunnels.some(({ reason }) => reason !== null));

/** A snapshot on one screen: what carries, what is sick, and what to do. */
export const statusText = (status: Status, screen: Screen): string => {
  const running = `spacegate ${status.version}, running ${formatDuration(status.at - status.startedAt)}`;
  const facts = [running, charonText(status), ...firewallText(status)].join("; ");
  return [
    wrap(screen, `${verdictText(screen, HEALTH[status.status])}  `, plain(facts)),
    ...status.connections.flatMap((connection) => connectionLines(screen, status, connection)),
    ...(status.privatelinks ?? []).flatMap((link) => linkLines(screen, link, status.at)),
    ...(status.warnings.length > 0 ? [""] : []),
    ...status.warnings.flatMap((warning) => warningLines(screen, warning, status.at)),
    ...(hasCodes(status) ? ["", wrap(screen, "", "More about a word in brackets: spacegate explain WORD")] : []),
  ].join("\n");
};
