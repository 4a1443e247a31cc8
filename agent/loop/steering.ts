import { connectionKey } from "../model/connection.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import type { Observed } from "../model/observed.ts";
import type { Settings } from "../model/settings.ts";
import type { Step } from "../model/step.ts";
import { type Carriers, isCarrierRoute } from "../plan/desired.ts";
import { CarrierBook, type CarrierMove, flipRoute } from "./carriers.ts";
import type { Drain } from "./drain.ts";
import type { GatewayDeps } from "./gateway-deps.ts";
import type { Liveness } from "./liveness.ts";
import type { PassPlan } from "./pass.ts";

type SteeringDeps = Pick<GatewayDeps, "clock" | "log" | "execute"> & {
  readonly drain: Pick<Drain, "closed">;
  readonly liveness: Liveness;
  readonly requestPass: () => void;
};

/** Keeps traffic on a tunnel that passes packets, whatever else is going on. */
export class Steering {
  readonly #deps: SteeringDeps;
  readonly #book = new CarrierBook();

  constructor(deps: SteeringDeps) {
    this.#deps = deps;
  }

  carriers(): Carriers {
    return this.#book.carriers();
  }

  /** See CarrierBook.adopt. */
  adopt(tunnels: readonly DesiredTunnel[], settings: Settings, observed: Observed): boolean {
    return this.#book.adopt(tunnels, settings, observed);
  }

  /** Every tunnel is to be down, because the gateway is being taken out of service. */
  get isClosed(): boolean {
    return this.#deps.drain.closed;
  }

  /** Whether a tunnel should be up now: with vti unless its sibling passes only without it, with policy only the carrier. */
  isWanted(tunnel: DesiredTunnel): boolean {
    if (this.isClosed) return false;
    return tunnel.routing === "vti" ? !this.#deps.liveness.isKeptDown(tunnel.conn) : this.#carries(tunnel);
  }

  /** See Liveness.standsBy. */
  standsBy(tunnel: DesiredTunnel): boolean {
    return this.#deps.liveness.standsBy(tunnel, this.#carries(tunnel));
  }

  /** Moves what should move; returns the milliseconds until time alone may move more, or null. */
  steer(plan: PassPlan, settings: Settings): number | null {
    // Tunnels that go down on purpose are no reason to move anything.
    if (this.isClosed) return null;
    const { tunnels } = plan.result.desired;
    const changing = new Set(plan.changing);
    const { moves, nextMs } = this.#book.steer(
      tunnels,
      settings,
      (tunnel) =>
        this.#deps.liveness.candidate(tunnel, this.#carries(tunnel), tunnel.routing === "vti" && changing.has(tunnel.conn)),
      this.#deps.clock.monotonic(),
    );
    for (const move of moves) this.#move(move, plan);
    return nextMs;
  }

  /** False for a step of an older plan that would take traffic back to a tunnel that was left meanwhile. */
  isCurrent(step: Step, plan: PassPlan): boolean {
    if (step.kind !== "replace-route" || !isCarrierRoute(step.route)) return true;
    const through = plan.result.desired.tunnels.find((tunnel) => tunnel.link === step.route.dev);
    return through === undefined || this.#carries(through);
  }

  #carries(tunnel: DesiredTunnel): boolean {
    return this.#book.carrierOf(connectionKey(tunnel.ref)) === tunnel.index;
  }

  #move(move: CarrierMove, { result, changing }: PassPlan): void {
    const { log, execute, requestPass } = this.#deps;
    const route = flipRoute(result.desired.tunnels, result.desired.routes, move);
    log.warn({ connection: move.key }, `traffic moves from tunnel ${move.from} to tunnel ${move.to}: ${move.why}`);
    if (route) void execute({ kind: "replace-route", route }).catch(requestPass);
    // A tunnel that is about to be replaced waits for this move; with policy routing the pass brings the other one up.
    if (!route || changing.length > 0) requestPass();
  }
}
