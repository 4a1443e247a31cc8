import type { Drill } from "../model/drill.ts";

/** A drill's result in words. */
export const drillText = ({ space, connection, tunnel, outageS, restoredS }: Drill): string =>
  [
    `${space}/${connection}: tunnel ${tunnel} was taken down.`,
    `Packets did not pass for ${outageS.toFixed(2)} s (measured each 0.05 s).`,
    `A tunnel in its place was up after ${restoredS.toFixed(1)} s.`,
  ].join("\n");
