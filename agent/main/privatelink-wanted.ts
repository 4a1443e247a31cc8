import type { ConnectOptions } from "../cli/privatelink-connect.ts";
import { SpacegateError } from "../lib/errors.ts";
import type { LinkWanted } from "../model/privatelink.ts";
import { type LinkSettings, privatelinks } from "../model/privatelink-settings.ts";
import { wantedOf } from "../privatelink/loop/entries.ts";
import { linkNameOf } from "../privatelink/plan/names.ts";

/** How the settings' keys are called on the command line. */
const OPTIONS: Readonly<Record<string, string>> = {
  name: "NAME",
  service: "--service-name",
  subnets: "--subnet",
  route_tables: "--route-table",
  allowed_cidrs: "--allow",
  private_dns: "--private-dns",
};

const optionOf = (key: string): string => OPTIONS[key] ?? `--${key}`;

/** "redis-kvs-12345" of an add-on, "kinesis-streams" of a service. */
const nameOf = ({ name, addon, serviceName, type }: ConnectOptions): string | undefined =>
  name ?? addon ?? (serviceName === undefined ? undefined : linkNameOf(serviceName, type));

/** `connect redis-kvs-12345 --app acme-app`, as the other subcommands have it: with an app, a name that nothing declares is an add-on's. */
export const withAddon = (options: ConnectOptions, declared: LinkSettings | undefined): ConnectOptions => {
  const { name, app, addon, serviceName } = options;
  const isAddon = name !== undefined && app !== undefined && addon === undefined && serviceName === undefined && !declared;
  return isAddon ? { ...options, addon: name } : options;
};

/** Only what was given: what is absent stays as the settings have it. */
const given = (options: ConnectOptions, policy: string | undefined): Record<string, unknown> => {
  const { app, addon, serviceName: service, type, vpc, subnet, routeTable, allow, protocol, port, privateDns } = options;
  const all = {
    app,
    addon,
    service,
    type,
    vpc,
    subnets: subnet,
    route_tables: routeTable,
    allowed_cidrs: allow,
    protocol,
    port,
    policy,
  };
  return Object.fromEntries(Object.entries({ ...all, private_dns: privateDns }).filter(([, value]) => value !== undefined));
};

const missing = (option: string, what: string): SpacegateError =>
  new SpacegateError("OPTION_MISSING", `${option} is missing: ${what}.`, { fix: `Give ${option}.` });

/** The settings' rules judge what is given; what is not given at all is missing. */
const assertPlace = ({ vpc, type, subnet, routeTable, allow }: ConnectOptions): void => {
  if (vpc === undefined) throw missing("--vpc", "the VPC that gets the endpoint");
  const isGateway = type === "gateway";
  if (!isGateway && subnet === undefined) throw missing("--subnet", "where the endpoint gets its addresses, one subnet a zone");
  if (!isGateway && allow === undefined) throw missing("--allow", "who may connect, such as 172.31.0.0/16");
  if (isGateway && routeTable === undefined && subnet === undefined)
    throw missing("--route-table", "the route tables that lead to the endpoint");
};

/** Before anything is asked, be it for the region. Throws OPTION_MISSING. */
export const assertGiven = (options: ConnectOptions, declared: LinkSettings | undefined): void => {
  if (declared) return;
  if (options.addon === undefined && options.serviceName === undefined)
    throw missing("--app and --addon, or --service-name", "what to connect to");
  assertPlace(options);
};

/** `declared`: the settings' link of that name. The options are held to the settings' own rules. Throws PRIVATELINK_REFUSED. */
export const wantedLink = (
  options: ConnectOptions,
  declared: LinkSettings | undefined,
  region: string,
  policy: string | undefined,
): LinkWanted => {
  const entry = { ...declared, ...given(options, policy), region, name: nameOf(options) ?? declared?.name };
  const result = privatelinks.safeParse([entry]);
  const [wanted] = result.data ?? [];
  if (wanted) return wantedOf(wanted);
  const lines = (result.error?.issues ?? []).map(({ path, message }) => `${optionOf(String(path[1] ?? "name"))} ${message}`);
  throw new SpacegateError("PRIVATELINK_REFUSED", ["Nothing was changed, for this would not work:", ...lines].join("\n  "), {
    fix: "Correct that and run the command again.",
  });
};
