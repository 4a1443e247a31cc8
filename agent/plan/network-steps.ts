import type { Desired, Route, Rule, Sysctl, VtiLink } from "../model/desired.ts";
import type { ObservedNetwork } from "../model/observed.ts";
import type { Step } from "../model/step.ts";
import { isOwnLink } from "./naming.ts";

/** What belongs to connections that cannot be planned now: it stays as it is. */
export interface Kept {
  readonly conns: ReadonlySet<string>;
  readonly links: ReadonlySet<string>;
  readonly tables: ReadonlySet<number>;
}

const sameLink = (a: VtiLink, b: VtiLink): boolean =>
  a.local === b.local && a.remote === b.remote && a.key === b.key && a.mtu === b.mtu;

const linkSteps = (desired: Desired, network: ObservedNetwork, waiting: ReadonlySet<string>): Step[] => {
  const present = new Map(network.links.map((link) => [link.name, link]));
  const down = new Set(network.linksDown);
  return desired.links.flatMap((link): Step[] => {
    const found = present.get(link.name);
    if (!found) return [{ kind: "add-link", link }];
    if (sameLink(found, link)) return down.has(link.name) ? [{ kind: "change-link", link }] : [];
    return waiting.has(link.name) ? [] : [{ kind: "change-link", link }];
  });
};

const isSet = ({ value, host, atLeast }: Sysctl, found: string | undefined): boolean => {
  if (found === undefined) return host === true;
  return atLeast ? Number(found) >= Number(value) : found === value;
};

/** Two routes with one key replace each other; the rest of a route is its value. */
const routeKey = (route: Route): string => `${route.table} ${route.dst} ${route.metric}`;
const routeText = (route: Route): string => `${routeKey(route)} ${route.dev ?? "unreachable"} ${route.src ?? ""}`;
const ruleText = (rule: Rule): string => `${rule.kind} ${rule.kind === "mark" ? rule.mark : rule.port} ${rule.table}`;

const isKept = (route: Route, kept: Kept): boolean =>
  kept.tables.has(route.table) || (route.dev !== undefined && kept.links.has(route.dev));

const replacements = (desired: Desired, network: ObservedNetwork, kept: Kept): Step[] => {
  const present = new Set(network.routes.map(routeText));
  // A kept connection's route may have the same key, when two connections claim one block: it would be taken over.
  const taken = new Set(network.routes.filter((route) => isKept(route, kept)).map(routeKey));
  return desired.routes
    .filter((route) => !present.has(routeText(route)) && !taken.has(routeKey(route)))
    .map((route): Step => ({ kind: "replace-route", route }));
};

const leftovers = (desired: Desired, network: ObservedNetwork, kept: Kept): Step[] => {
  const wantedRoutes = new Set(desired.routes.map(routeKey));
  const wantedRules = new Set(desired.rules.map(ruleText));
  const wantedLinks = new Set(desired.links.map((link) => link.name));
  // An unreachable route names no link, so while anything is kept it cannot be told whose it is.
  const undecided = (route: Route): boolean => route.dev === undefined && kept.links.size > 0;
  return [
    ...network.routes
      .filter((route) => !wantedRoutes.has(routeKey(route)) && !isKept(route, kept) && !undecided(route))
      .map((route): Step => ({ kind: "delete-route", route })),
    ...network.rules
      .filter((rule) => !wantedRules.has(ruleText(rule)) && !kept.tables.has(rule.table))
      .map((rule): Step => ({ kind: "delete-rule", rule })),
    ...network.links
      .filter((link) => isOwnLink(link.name) && !wantedLinks.has(link.name) && !kept.links.has(link.name))
      .map((link): Step => ({ kind: "delete-link", name: link.name })),
  ];
};

/**
 * Links, sysctls, routes and rules that are missing or different, then the agent's own that are left over.
 * Of links `network` may hold the owner's too, told apart by their names; its routes and rules are all the agent's.
 * A link in `waiting` still carries its tunnel's old SAs and is not turned to the new ones yet.
 */
export const networkSteps = (
  desired: Desired,
  network: ObservedNetwork,
  kept: Kept,
  waiting: ReadonlySet<string> = new Set(),
): Step[] => {
  const rules = new Set(network.rules.map(ruleText));
  return [
    ...linkSteps(desired, network, waiting),
    ...desired.sysctls
      .filter((sysctl) => !isSet(sysctl, network.sysctls[sysctl.key]))
      .map((sysctl): Step => ({ kind: "set-sysctl", sysctl })),
    ...replacements(desired, network, kept),
    ...desired.rules.filter((rule) => !rules.has(ruleText(rule))).map((rule): Step => ({ kind: "add-rule", rule })),
    ...leftovers(desired, network, kept),
  ];
};
