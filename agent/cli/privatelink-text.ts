import type { HerokuLink } from "../model/privatelink.ts";
import { plain } from "./screen.ts";
import { tableText } from "./table.ts";

/** A PrivateLink as scripts read it: Heroku's own names. */
export const linkJson = ({ app, addon, status, serviceName, allowedAccounts, connections }: HerokuLink) => ({
  app,
  addon,
  status,
  service_name: serviceName,
  allowed_accounts: allowedAccounts.map(({ accountId, arn, status }) => ({ account_id: accountId, arn, status })),
  connections: connections.map(({ endpointId, hostname, ownerArn, status }) => ({
    endpoint_id: endpointId,
    hostname,
    owner_arn: ownerArn,
    status,
  })),
});

const cell = (text: string): string => plain(text) || "-";

/** Who may connect. */
export const accountsText = ({ allowedAccounts }: HerokuLink): string =>
  allowedAccounts.length === 0
    ? "  No account is let in."
    : tableText([["Allowed account", "Status"], ...allowedAccounts.map(({ arn, status }) => [cell(arn), cell(status)])]).join(
        "\n",
      );

const connectionsText = ({ connections }: HerokuLink): string =>
  connections.length === 0
    ? "  No endpoint is connected."
    : tableText([
        ["Endpoint", "Status", "Owner"],
        ...connections.map(({ endpointId, status, ownerArn }) => [cell(endpointId), cell(status), cell(ownerArn)]),
      ]).join("\n");

/** A PrivateLink for a terminal. */
export const linkText = (link: HerokuLink): string =>
  [
    `${plain(link.app)}/${plain(link.addon.name)}: ${plain(link.status)}`,
    `  service name  ${plain(link.serviceName) || "not yet"}`,
    "",
    accountsText(link),
    "",
    connectionsText(link),
  ].join("\n");
