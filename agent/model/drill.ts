import * as z from "zod";

/** The result of the newest drill of one connection, as it is kept over restarts. */
export const drillSchema = z.object({
  space: z.string(),
  connection: z.string(),
  tunnel: z.union([z.literal(1), z.literal(2)]),
  /** Seconds without an answer, to the interval of the drill's probes. */
  outageS: z.number().nonnegative(),
  /** Seconds until the tunnel that was taken down was up again. */
  restoredS: z.number().nonnegative(),
  /** Milliseconds since the epoch. */
  at: z.number(),
});

export type Drill = z.infer<typeof drillSchema>;

export const drillsSchema = z.array(drillSchema);
