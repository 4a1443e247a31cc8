import type { RawSettings } from "../lab/agent.ts";
import { type Health, isWhole, untilHealth } from "../lab/health.ts";
import type { Lab } from "../lab/lab.ts";
import { SAMPLE } from "../lab/sample.ts";
import { measureOutage } from "./outage.ts";

/** Probes of one tunnel; undefined: the counters alone tell. */
export interface Probing {
  readonly interval: string;
  readonly misses: number;
}

/**
 * The defaults, but for the probes and for steering: traffic stays where it is while both tunnels are well, so that runs follow
 * each other without a hold-down.
 */
export const benchSettings =
  (probing: Probing | undefined) =>
  ({ heroku, connections, ...settings }: RawSettings): RawSettings => ({
    ...settings,
    heroku: { ...(heroku as RawSettings), poll_interval: "60s" },
    connections: (connections as readonly RawSettings[]).map(({ probe: _probe, ...connection }) => ({
      ...connection,
      steering: { prefer: "none", hold_down: "1s" },
      ...(probing ? { probe: { target: SAMPLE.dyno, ...probing } } : {}),
    })),
  });

/** Every wanted tunnel is up and known to pass: by probes where there are any, else by the packets that came in. */
const isWell = (lab: Lab, probed: boolean, health: Health): boolean =>
  probed
    ? isWhole(lab, health)
    : health.status === "ok" &&
      health.tunnels.filter(({ child, passing }) => child === "INSTALLED" && passing).length === lab.wantedTunnels;

/** Waits until nothing is left of what came before; returns the carrier. */
const untilCalm = async (lab: Lab, probed: boolean): Promise<1 | 2> => {
  const wait = (): Promise<Health> =>
    untilHealth(lab, "every wanted tunnel as passing", 60, (health) => isWell(lab, probed, health));
  await wait();
  // One that has just come back may be about to be replaced.
  await lab.sleep(1.5);
  return (await wait()).carrier ?? 1;
};

/** The outage of a silent cut of the tunnel that carries; afterwards it is restored. */
export const cutCarrier = async (lab: Lab, probed = true): Promise<number> => {
  const carrier = await untilCalm(lab, probed);
  try {
    return await measureOutage(lab, () => lab.cut(carrier), 60);
  } finally {
    await lab.restore(carrier);
  }
};

/** The outage when the VPN gateway of the tunnel that carries deletes its SAs. */
export const deleteCarrier = async (lab: Lab): Promise<number> => {
  const carrier = await untilCalm(lab, true);
  return measureOutage(lab, () => lab.deleteFromPeer(carrier), 60);
};
