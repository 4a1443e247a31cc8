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

/** Heroku's list is empty while it makes the link, whoever is to be let in. */
const nobody = ({ status }: HerokuLink): string =>
  status.toLowerCase() === "provisioning" ? "  No account is shown yet." : "  No account is let in: nobody can connect.";

const accountsText = (link: HerokuLink): string =>
  link.allowedAccounts.length === 0
    ? nobody(link)
    : tableText([
        ["Allowed account", "Status"],
        ...link.allowedAccounts.map(({ accountId, arn, status }) => [cell(arn || accountId), cell(status)]),
      ]).join("\n");

const unconnected = ({ status }: HerokuLink): string =>
  `  No endpoint is connected${status.toLowerCase() === "operational" ? ": `spacegate privatelink connect` makes one" : ""}.`;

const connectionsText = (link: HerokuLink): string =>
  link.connections.length === 0
    ? unconnected(link)
    : tableText([
        ["Endpoint", "Status", "Owner"],
        ...link.connections.map(({ endpointId, status, ownerArn }) => [cell(endpointId), cell(status), cell(ownerArn)]),
      ]).join("\n");

const titleOf = ({ app, addon, status }: HerokuLink): string => `${plain(app)}/${plain(addon.name)}: ${plain(status)}`;

/** Who may connect, for a terminal. */
export const accessText = (link: HerokuLink): string => `${titleOf(link)}\n\n${accountsText(link)}`;

/** A PrivateLink for a terminal. */
export const linkText = (link: HerokuLink): string =>
  [
    titleOf(link),
    `  service name  ${plain(link.serviceName) || "not yet"}`,
    "",
    accountsText(link),
    "",
    connectionsText(link),
  ].join("\n");

/** Connection strings in clear, for those who asked for them by name. */
export type ShownUrls = readonly {
  readonly endpointId: string;
  readonly urls: readonly { readonly name: string; readonly url: string }[];
}[];

export const urlsJson = (shown: ShownUrls) =>
  shown.flatMap(({ endpointId, urls }) => urls.map(({ name, url }) => ({ endpoint_id: endpointId, name, url })));

const urlLines = ({ endpointId, urls }: ShownUrls[number]): string[] =>
  urls.length === 0
    ? [`  ${plain(endpointId)}: Heroku has not made its config var yet`]
    : urls.map(({ name, url }) => `  ${plain(name)}: ${plain(url)}`);

export const urlsText = (shown: ShownUrls): string =>
  [
    "Connection strings (each holds a password)",
    ...(shown.length === 0 ? ["  None: no endpoint is connected."] : shown.flatMap(urlLines)),
  ].join("\n");

export const goneText = (key: string): string =>
  [
    `The PrivateLink of ${key} is gone.`,
    "An endpoint to it that is left over in AWS costs money: `spacegate privatelink disconnect` deletes it.",
  ].join("\n");
