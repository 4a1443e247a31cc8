import { check } from "./check.ts";
import { readHealth } from "./health.ts";
import type { Lab } from "./lab.ts";
import { type SampleTunnel, TUNNELS } from "./sample.ts";

export interface Roles {
  readonly carrier: SampleTunnel;
  readonly standby: SampleTunnel;
}

/** Which tunnel carries now: on a slow machine it is not always the first. */
export const roles = async (lab: Lab): Promise<Roles> => {
  const carrier = (await readHealth(lab))?.carrier;
  check(carrier === 1 || carrier === 2, `/healthz should name the carrier, found ${carrier}`);
  return carrier === 1 ? { carrier: TUNNELS[0], standby: TUNNELS[1] } : { carrier: TUNNELS[1], standby: TUNNELS[0] };
};

/** The IKE_SAs to an address, by charon's numbers. */
export const ikeIdsTo = async (lab: Lab, address: string): Promise<number[]> =>
  (await lab.sas()).filter(({ remote }) => remote === address).map(({ id }) => id);
