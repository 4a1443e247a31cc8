import type { DesiredTunnel } from "../model/desired.ts";
import type { Carriers } from "../plan/desired.ts";
import { type Candidate, chooseCarrier } from "../steer/choose.ts";

export interface CarrierMove {
  readonly key: string;
  readonly from: 1 | 2;
  readonly to: 1 | 2;
}

/** Steers every connection; the moves are what changed. */
export const steerAll = (
  tunnels: readonly DesiredTunnel[],
  carriers: Carriers,
  candidate: (tunnel: DesiredTunnel) => Candidate,
): { carriers: Carriers; moves: readonly CarrierMove[] } => {
  const candidates = new Map<string, Candidate[]>();
  for (const tunnel of tunnels) {
    const key = `${tunnel.ref.space}/${tunnel.ref.name}`;
    candidates.set(key, [...(candidates.get(key) ?? []), candidate(tunnel)]);
  }
  const moves = [...candidates].flatMap(([key, siblings]): CarrierMove[] => {
    const from = carriers[key] ?? 1;
    const to = chooseCarrier(siblings, from);
    return to === from ? [] : [{ key, from, to }];
  });
  return { carriers: { ...carriers, ...Object.fromEntries(moves.map(({ key, to }) => [key, to])) }, moves };
};
