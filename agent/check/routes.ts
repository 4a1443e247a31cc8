import * as z from "zod";
import { cidrContains, cidrsOverlap, isPrivateBlock, parseCidr } from "../lib/ip.ts";

/** One IPv4 route of the main table; "default" is 0.0.0.0/0 here. */
export interface MainRoute {
  readonly dst: string;
  readonly dev: string;
  readonly gateway?: string;
}

const routeSchema = z.object({ dst: z.string(), dev: z.string(), gateway: z.string().optional() });

const toBlock = (dst: string): string => {
  if (dst === "default") return "0.0.0.0/0";
  return dst.includes("/") ? dst : `${dst}/32`;
};

/** What `ip -json route show table main` answers; routes without a device lead nowhere. */
export const parseMainRoutes = (answer: unknown): MainRoute[] =>
  (Array.isArray(answer) ? answer : []).flatMap((entry) => {
    const parsed = routeSchema.safeParse(entry);
    if (!parsed.success) return [];
    const { dst, dev, gateway } = parsed.data;
    return [{ dst: toBlock(dst), dev, ...(gateway === undefined ? {} : { gateway }) }];
  });

/** How this host reaches a local network: by a route of its own, by the default route within a private network, or not. */
export type WayBack = { readonly kind: "route" | "default"; readonly route: MainRoute } | { readonly kind: "none" };

/** `tunnelDevs`: interfaces that lead to the space, which is no way back. */
export const wayBackTo = (subnet: string, routes: readonly MainRoute[], tunnelDevs: ReadonlySet<string>): WayBack => {
  const wanted = parseCidr(subnet);
  if (!wanted) return { kind: "none" };
  const usable = routes.filter(({ dev }) => !tunnelDevs.has(dev));
  const own = usable.find(({ dst }) => {
    const block = parseCidr(dst);
    // A route to a part of the network is one too; who is behind the other parts is the owner's to know.
    return block !== undefined && block.bits > 0 && cidrsOverlap(block, wanted);
  });
  if (own) return { kind: "route", route: own };
  // In a cloud's network the default route leads to a router that knows the private neighbours as well.
  const byDefault = usable.find(({ dst, gateway }) => dst === "0.0.0.0/0" && gateway !== undefined && isPrivateGateway(gateway));
  return byDefault ? { kind: "default", route: byDefault } : { kind: "none" };
};

const isPrivateGateway = (gateway: string): boolean => {
  const host = parseCidr(`${gateway}/32`);
  return host !== undefined && isPrivateBlock(host);
};

/** Tells a route that is wider than the network from one to a part of it. */
export const coversAll = ({ dst }: MainRoute, subnet: string): boolean => {
  const [outer, inner] = [parseCidr(dst), parseCidr(subnet)];
  return outer !== undefined && inner !== undefined && cidrContains(outer, inner);
};
