import { addressWithin } from "../lib/ip.ts";
import { connectionKey } from "../model/connection.ts";
import type { DesiredTunnel } from "../model/desired.ts";
import type { ObservedIke } from "../model/observed.ts";
import type { Settings } from "../model/settings.ts";
import { isUp } from "../model/status.ts";

/** A tunnel that is up, and how it is measured. */
export interface TunnelPath {
  readonly tunnel: DesiredTunnel;
  /** ESP in UDP. */
  readonly encap: boolean;
  /** probe.target. */
  readonly target: string;
  /** probe.port; undefined when the target is pinged. */
  readonly port: number | undefined;
  /** An address of this host within the tunnel's traffic selector. */
  readonly source: string;
}

export interface TunnelWorld {
  readonly settings: Settings;
  readonly tunnels: readonly DesiredTunnel[];
  readonly sas: readonly ObservedIke[];
  /** Of this host. */
  readonly addresses: readonly string[];
}

const childOf = (tunnel: DesiredTunnel, sas: readonly ObservedIke[]) =>
  sas
    .filter(({ name }) => name === tunnel.conn)
    .flatMap(({ childSas }) => childSas)
    .find(({ state }) => isUp({ child: state }));

/** Every tunnel that is up and has a probe.target that packets can be sent to. */
export const tunnelPaths = ({ settings, tunnels, sas, addresses }: TunnelWorld): TunnelPath[] =>
  tunnels.flatMap((tunnel) => {
    const own = settings.connections.find((one) => connectionKey(one) === connectionKey(tunnel.ref));
    const source = addressWithin(addresses, own?.local.subnets ?? []);
    const child = childOf(tunnel, sas);
    if (!own?.probe || source === undefined || !child) return [];
    return [{ tunnel, encap: child.encap, target: own.probe.target, port: own.probe.port, source }];
  });
