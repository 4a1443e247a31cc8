import type { Secret } from "../lib/secret.ts";
import type { ConnectionRef } from "../model/connection.ts";

/** One tunnel as Heroku shows it, at any time of the connection's life. */
export interface VpnTunnel {
  readonly index: number;
  /** Heroku's VPN gateway; "" while there is none yet. */
  readonly ip: string;
  readonly customerIp: string;
  readonly psk: Secret | undefined;
  readonly status: string;
  readonly statusMessage: string;
  /** ISO 8601; "" when Heroku does not say. */
  readonly lastStatusChange: string;
}

/** A VPN connection at Heroku, also while it is made or removed: nothing of it need be usable yet. */
export interface VpnConnection {
  readonly id: string;
  readonly name: string;
  /** pending, provisioning, active, deprovisioning, failed or anything newer. */
  readonly status: string;
  /** The provider's own words; "" without any. */
  readonly statusMessage: string;
  readonly ikeVersion: number | undefined;
  readonly publicIp: string;
  readonly routableCidrs: readonly string[];
  readonly spaceCidr: string;
  readonly tunnels: readonly VpnTunnel[];
}

/** What routable CIDRs must keep away from. */
export interface SpaceLimits {
  /** The space's own blocks, data services' included. */
  readonly spaceBlocks: readonly string[];
  /** What else the space cannot reach through a VPN. */
  readonly unavailable: readonly string[];
}

/** What a connection is made of. */
export interface Wanted {
  readonly publicIp: string;
  readonly routableCidrs: readonly string[];
}

/**
 * Heroku's side of VPN connections. Throws SpacegateErrors: SOURCE_…, TOKEN_MISSING, HEROKU_REFUSED.
 * `create` and `destroy` take no signal: a request that changes something is not left half-way.
 */
export interface HerokuVpn {
  /** All of a space; throws SOURCE_NOT_FOUND when there is no such space. */
  list(space: string, signal: AbortSignal): Promise<readonly VpnConnection[]>;
  /** undefined: Heroku does not know it (yet, or any more). */
  find(ref: ConnectionRef, signal: AbortSignal): Promise<VpnConnection | undefined>;
  limits(space: string, signal: AbortSignal): Promise<SpaceLimits>;
  create(ref: ConnectionRef, wanted: Wanted): Promise<void>;
  /** Resolves also when there is nothing to destroy. */
  destroy(ref: ConnectionRef): Promise<void>;
}
