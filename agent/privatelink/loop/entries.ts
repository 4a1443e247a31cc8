import { parseDuration } from "../../lib/duration.ts";
import type { LinkTarget, LinkWanted } from "../../model/privatelink.ts";
import { type LinkSettings, portOf, protocolOf } from "../../model/privatelink-settings.ts";
import type { LinkEntry } from "./keeper-seams.ts";

const DEFAULT_CHECK_MS = 60_000;

const targetOf = ({ app = "", addon = "", service }: LinkSettings): LinkTarget =>
  service === undefined ? { kind: "heroku", app, addon } : { kind: "service", serviceName: service };

/** One link of the settings as it is wanted. The settings' own rules see to it that protocol and port are known. */
export const wantedOf = (own: LinkSettings): LinkWanted => ({
  name: own.name,
  target: targetOf(own),
  type: own.type === "gateway" ? "Gateway" : "Interface",
  region: own.region,
  vpcId: own.vpc,
  subnetIds: own.subnets,
  routeTableIds: own.route_tables,
  allowedCidrs: own.allowed_cidrs,
  protocol: protocolOf(own) ?? "tcp",
  port: portOf(own) ?? 0,
  privateDns: own.private_dns,
  ...(own.policy === undefined ? {} : { policy: own.policy }),
  allowedAccounts: own.accounts,
});

export const entriesOf = (links: readonly LinkSettings[]): LinkEntry[] =>
  links.map((own) => ({ wanted: wantedOf(own), checkMs: parseDuration(own.check_interval) ?? DEFAULT_CHECK_MS }));
