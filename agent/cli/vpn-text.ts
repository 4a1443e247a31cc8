import { plain } from "./screen.ts";
import { tableText } from "./table.ts";

/** A connection as Heroku has it, fit to be shown: `psk` is a fingerprint, "" without a PSK. */
export interface ShownConnection {
  readonly space: string;
  readonly name: string;
  readonly id: string;
  readonly status: string;
  readonly status_message: string;
  readonly ike_version: number | null;
  readonly public_ip: string;
  readonly routable_cidrs: readonly string[];
  readonly space_cidr_block: string;
  readonly tunnels: readonly {
    readonly ip: string;
    readonly customer_ip: string;
    readonly status: string;
    readonly status_message: string;
    readonly last_status_change: string;
    readonly psk_fingerprint: string;
  }[];
}

const tunnelRows = ({ tunnels }: ShownConnection): string[][] =>
  tunnels.map((tunnel, place) => [
    String(place + 1),
    plain(tunnel.ip),
    plain(tunnel.status) || "-",
    tunnel.psk_fingerprint || "none",
    plain(tunnel.last_status_change) || "-",
  ]);

const messages = ({ tunnels }: ShownConnection): string[] =>
  tunnels.flatMap(({ status_message }, place) =>
    status_message === "" ? [] : [`  tunnel ${place + 1}: ${plain(status_message)}`],
  );

/** A connection for a terminal, 80 columns wide. */
export const connectionText = (connection: ShownConnection): string => {
  const said = connection.status_message === "" ? "" : ` (${plain(connection.status_message)})`;
  return [
    `${connection.space}/${connection.name}: ${plain(connection.status)}${said}`,
    `  public address   ${plain(connection.public_ip)}`,
    `  routable blocks  ${connection.routable_cidrs.map(plain).join(", ")}`,
    `  space            ${plain(connection.space_cidr_block) || "-"}`,
    `  IKE version      ${connection.ike_version ?? "-"}`,
    "",
    ...(connection.tunnels.length === 0
      ? ["  No tunnel yet."]
      : tableText([["Tunnel", "VPN gateway", "Status", "PSK fingerprint", "Since"], ...tunnelRows(connection)])),
    ...messages(connection),
  ].join("\n");
};

const AFTER_ROTATION: Readonly<Record<string, string>> = {
  passing: "The agent has the new tunnels, and packets pass.",
  up: "The agent has the new tunnels up. Nothing proves that packets pass: set probe.target in the settings.",
  "not-running":
    "No agent answers on this host, so nothing more is known here. Where it runs, `spacegate status` shows the new tunnels.",
  "not-configured": "The agent on this host has no such connection. Where it has, `spacegate status` shows the new tunnels.",
};

/** How a rotation ended, as far as the agent goes. */
export const rotatedText = (followed: string): string => AFTER_ROTATION[followed] ?? "";

export const destroyedText = (key: string): string =>
  [
    `${key} is gone.`,
    "An agent that still has it in its settings goes on trying with the last good details: take it out of",
    "/etc/spacegate/config.yaml, or stop the agent with: systemctl disable --now spacegate",
  ].join("\n");
