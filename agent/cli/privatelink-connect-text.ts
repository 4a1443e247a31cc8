import type { Endpoint } from "../model/privatelink.ts";
import { plain } from "./screen.ts";

/** What `connect` ends with. */
export interface ShownConnect {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly port: number;
  /** Empty for a service by its name, and while Heroku has not made them. */
  readonly configVars: readonly { readonly name: string; readonly url?: string }[];
  readonly app: string;
  /** What somebody should know, with what to do. */
  readonly notices: readonly { readonly text: string; readonly fix: string }[];
}

/** For scripts; connection strings only for those who asked for them by name. */
export const connectJson = ({ name, endpoint, port, configVars, notices }: ShownConnect) => ({
  name,
  endpoint_id: endpoint.id,
  state: endpoint.state,
  type: endpoint.type,
  service_name: endpoint.serviceName,
  vpc: endpoint.vpcId,
  subnets: endpoint.subnetIds,
  route_tables: endpoint.routeTableIds,
  security_groups: endpoint.securityGroupIds,
  private_dns: endpoint.privateDns,
  hostnames: endpoint.dnsNames,
  addresses: endpoint.addresses,
  port,
  config_vars: configVars,
  notices,
});

const urlLines = ({ configVars, app }: ShownConnect): string[] => {
  if (configVars.length === 0) return [];
  const lines = configVars.map(({ name, url }) => `  ${plain(name)}${url === undefined ? "" : `: ${plain(url)}`}`);
  const [first] = configVars;
  const hint =
    first?.url === undefined ? [`Read it with: heroku config:get ${plain(first?.name ?? "")} --app ${plain(app)}`] : [];
  return ["", "Connection string, in the app's config vars (it holds a password)", ...lines, ...hint];
};

const list = (values: readonly string[]): string => values.map(plain).join(", ") || "-";

/** For a terminal. */
export const connectText = (shown: ShownConnect): string => {
  const { name, endpoint, port, notices } = shown;
  const place =
    endpoint.type === "Gateway"
      ? [`  route tables  ${list(endpoint.routeTableIds)}`]
      : [
          `  addresses     ${list(endpoint.addresses)}`,
          `  name          ${plain(endpoint.dnsNames[0] ?? "") || "-"}`,
          `  port          ${port}`,
          ...(endpoint.privateDns ? ["  private DNS   on: the service's ordinary name leads here too"] : []),
        ];
  return [
    `${plain(name)}: ${plain(endpoint.id)} is ${plain(endpoint.state)}`,
    `  service       ${plain(endpoint.serviceName)}`,
    ...place,
    ...urlLines(shown),
    ...notices.flatMap(({ text, fix }) => ["", plain(text), `  ${plain(fix)}`]),
  ].join("\n");
};

/** How `disconnect` ended. */
export interface Disconnected {
  readonly name: string;
  readonly region: string;
  /** What was deleted, in words. */
  readonly deleted: readonly string[];
  readonly declared: boolean;
}

export const disconnectedText = ({ name, region, deleted, declared }: Disconnected): string =>
  [
    deleted.length === 0
      ? `Nothing in ${region} bears the tag of ${name}: it is gone, or in another region or account.`
      : `${name} is gone from AWS (${region}).`,
    ...(declared ? ["The settings declare it: a running agent makes it anew, unless it is taken out of them."] : []),
  ].join("\n");
