import { connectionKey } from "../model/connection.ts";
import type { Status, TunnelStatus } from "../model/status.ts";

const passingText = (tunnel: TunnelStatus): string =>
  tunnel.passing === null ? "not proven" : tunnel.passing ? "passing" : "not passing";

const tunnelLine = (tunnel: TunnelStatus, carrier: number | null): string => {
  const carries = tunnel.index === carrier ? "  carries" : "";
  const reason = tunnel.reason ? `\n    ${tunnel.reason.text}` : "";
  return `  tunnel ${tunnel.index}  ${tunnel.address.padEnd(15)}  IKE ${tunnel.ike}  child ${tunnel.child}  ${passingText(tunnel)}${carries}${reason}`;
};

/** A snapshot for a terminal. */
export const statusText = (status: Status): string =>
  [
    `gateway: ${status.status}`,
    ...status.connections.flatMap((connection) => [
      `${connectionKey(connection)}: ${connection.status}`,
      ...connection.tunnels.map((tunnel) => tunnelLine(tunnel, connection.carrier)),
    ]),
    ...status.warnings.flatMap(({ severity, text, fix, connection }) => [
      `${severity === "critical" ? "!!" : "!"} ${connection ? `${connection}: ` : ""}${text}`,
      `    ${fix}`,
    ]),
  ].join("\n");
