import { type DesiredFirewall, FIREWALL_COUNTERS, type ForwardedPair } from "../model/firewall.ts";
import { checkView, fill, type View } from "./templates.ts";

const listed = (elements: readonly string[]): string | undefined => (elements.length === 0 ? undefined : elements.join(", "));

const outwards = ({ local, space }: ForwardedPair): string => `${local} . ${space}`;
const inwards = ({ local, space }: ForwardedPair): string => `${space} . ${local}`;

const sizes = (pairs: readonly ForwardedPair[]): View[] =>
  [...Map.groupBy(pairs, ({ mss }) => mss)]
    .sort(([a], [b]) => a - b)
    .map(([mss, of]) => ({ mss: String(mss), pairs: [...of.map(outwards), ...of.map(inwards)].join(", ") }));

const flag = (holds: boolean): string | undefined => (holds ? "yes" : undefined);

/** The ruleset of the agent's table, without counts. Throws TEMPLATE_INVALID. */
export const renderFirewall = (desired: DesiredFirewall, template: string): string =>
  fill(
    "firewall.nft",
    template,
    checkView({
      counters: Object.keys(FIREWALL_COUNTERS).map((name) => ({ name })),
      peers: listed(desired.peers),
      links: listed(desired.links.map((name) => `"${name}"`)),
      to_space: listed(desired.pairs.map(outwards)),
      from_space: listed(desired.pairs.map(inwards)),
      sizes: sizes(desired.pairs),
      open: flag(desired.open),
      policy: flag(desired.policy),
      restrict: flag(desired.restrict),
    }),
  );
