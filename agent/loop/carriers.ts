import { connectionKey } from "../model/connection.ts";
import type { DesiredTunnel, Route } from "../model/desired.ts";
import type { Observed } from "../model/observed.ts";
import { type Carriers, isCarrierRoute } from "../plan/desired.ts";
import { isLiveChild } from "../plan/tunnel-steps.ts";
import { type Candidate, chooseCarrier } from "../steer/choose.ts";

export interface CarrierMove {
  readonly key: string;
  readonly from: 1 | 2;
  readonly to: 1 | 2;
}

const byConnection = (tunnels: readonly DesiredTunnel[]): Map<string, DesiredTunnel[]> =>
  Map.groupBy(tunnels, (tunnel) => connectionKey(tunnel.ref));

/** Steers every connection; the moves are what changed. */
export const steerAll = (
  tunnels: readonly DesiredTunnel[],
  carriers: Carriers,
  candidate: (tunnel: DesiredTunnel) => Candidate,
): { carriers: Carriers; moves: readonly CarrierMove[] } => {
  const moves = [...byConnection(tunnels)].flatMap(([key, siblings]): CarrierMove[] => {
    const from = carriers[key] ?? 1;
    const to = chooseCarrier(siblings.map(candidate), from);
    return to === from ? [] : [{ key, from, to }];
  });
  return { carriers: { ...carriers, ...Object.fromEntries(moves.map(({ key, to }) => [key, to])) }, moves };
};

const carriedBefore = (tunnel: DesiredTunnel, observed: Observed): boolean => {
  if (tunnel.routing === "vti")
    return observed.network.routes.some((route) => isCarrierRoute(route) && route.dev === tunnel.link);
  const { charon } = observed;
  return charon.kind === "running" && charon.sas.some((ike) => ike.name === tunnel.conn && ike.childSas.some(isLiveChild));
};

/** For connections whose carrier is not known yet: what the kernel and charon say. An agent that was restarted moves nothing. */
export const adoptCarriers = (tunnels: readonly DesiredTunnel[], carriers: Carriers, observed: Observed): Carriers => {
  const adopted = [...byConnection(tunnels)]
    .filter(([key]) => carriers[key] === undefined)
    .map(([key, siblings]) => [key, siblings.find((tunnel) => carriedBefore(tunnel, observed))?.index ?? 1] as const);
  return adopted.length === 0 ? carriers : { ...carriers, ...Object.fromEntries(adopted) };
};

/** The carrier route of one connection, through another tunnel; undefined with policy routing. */
export const flipRoute = (
  tunnels: readonly DesiredTunnel[],
  routes: readonly Route[],
  { key, to }: CarrierMove,
): Route | undefined => {
  const siblings = tunnels.filter((tunnel) => connectionKey(tunnel.ref) === key);
  const route = routes.find((one) => isCarrierRoute(one) && siblings.some((tunnel) => tunnel.link === one.dev));
  const link = siblings.find((tunnel) => tunnel.index === to)?.link;
  return route && link ? { ...route, dev: link } : undefined;
};
