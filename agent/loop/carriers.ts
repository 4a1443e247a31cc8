import { parseDuration } from "../lib/duration.ts";
import { connectionKey } from "../model/connection.ts";
import type { DesiredTunnel, Route } from "../model/desired.ts";
import type { Observed } from "../model/observed.ts";
import type { Settings } from "../model/settings.ts";
import { type Carriers, isCarrierRoute } from "../plan/desired.ts";
import { isLiveChild } from "../plan/tunnel-steps.ts";
import { type Candidate, type SteerMemory, type SteerOptions, steer } from "../steer/steer.ts";

export interface CarrierMove {
  readonly key: string;
  readonly from: 1 | 2;
  readonly to: 1 | 2;
  readonly why: string;
}

export interface SteerRound {
  readonly moves: readonly CarrierMove[];
  /** Milliseconds until time alone may ask for another round; null when only an event can. */
  readonly nextMs: number | null;
}

const byConnection = (tunnels: readonly DesiredTunnel[]): Map<string, DesiredTunnel[]> =>
  Map.groupBy(tunnels, (tunnel) => connectionKey(tunnel.ref));

const optionsOf = (settings: Settings): ReadonlyMap<string, SteerOptions> =>
  new Map(
    settings.connections.map((own) => [
      connectionKey(own),
      {
        preferred: own.steering.prefer === "none" ? undefined : own.steering.prefer,
        holdDownMs: parseDuration(own.steering.hold_down) ?? 60_000,
      },
    ]),
  );

const carriedBefore = (tunnel: DesiredTunnel, observed: Observed): boolean => {
  if (tunnel.routing === "vti")
    return observed.network.routes.some((route) => isCarrierRoute(route) && route.dev === tunnel.link);
  const { charon } = observed;
  return charon.kind === "running" && charon.sas.some((ike) => ike.name === tunnel.conn && ike.childSas.some(isLiveChild));
};

/** Which tunnel carries, for every connection. */
export class CarrierBook {
  readonly #memories = new Map<string, SteerMemory>();

  carriers(): Carriers {
    return Object.fromEntries([...this.#memories].map(([key, memory]) => [key, memory.carrier]));
  }

  /** By a connection's key; undefined while it is not known. */
  carrierOf(key: string): 1 | 2 | undefined {
    return this.#memories.get(key)?.carrier;
  }

  /**
   * For connections whose carrier is not known yet: what the kernel and charon say, else the preferred one. An agent that was
   * restarted moves nothing. Returns whether anything was learnt.
   */
  adopt(tunnels: readonly DesiredTunnel[], settings: Settings, observed: Observed): boolean {
    const unknown = [...byConnection(tunnels)].filter(([key]) => !this.#memories.has(key));
    const options = optionsOf(settings);
    for (const [key, siblings] of unknown) {
      const carrier = siblings.find((tunnel) => carriedBefore(tunnel, observed))?.index ?? options.get(key)?.preferred ?? 1;
      this.#memories.set(key, { carrier, tunnels: {} });
    }
    return unknown.length > 0;
  }

  /** Steers every connection. `now` is monotonic milliseconds. */
  steer(
    tunnels: readonly DesiredTunnel[],
    settings: Settings,
    candidate: (tunnel: DesiredTunnel) => Candidate,
    now: number,
  ): SteerRound {
    const options = optionsOf(settings);
    const moves: CarrierMove[] = [];
    let nextMs: number | null = null;
    for (const [key, siblings] of byConnection(tunnels)) {
      const before = this.#memories.get(key);
      const own = options.get(key);
      if (!before || !own) continue;
      const { memory, move, nextMs: wait } = steer(siblings.map(candidate), before, own, now);
      this.#memories.set(key, memory);
      if (move !== undefined) moves.push({ key, from: before.carrier, to: memory.carrier, why: move });
      if (wait !== null) nextMs = Math.min(nextMs ?? wait, wait);
    }
    return { moves, nextMs };
  }
}

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
