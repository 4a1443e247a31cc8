import type { WarningSpec } from "./spec.ts";

const BACK = "`spacegate drain --cancel` brings the tunnels back, and so does `systemctl restart spacegate`.";

/** About a gateway that somebody takes out of service. */
export const DRAIN_WARNINGS: readonly WarningSpec[] = [
  {
    code: "draining",
    title: "The gateway is about to close its tunnels",
    severity: "info",
    about: "host",
    advice: BACK,
    dependsOn: [],
    visibleAfterMs: 0,
    find: ({ draining }) =>
      draining && !draining.closed
        ? [
            {
              text: "Somebody ran `spacegate drain`: traffic still passes, and soon the tunnels are closed on purpose.",
              fix: BACK,
            },
          ]
        : [],
  },
  {
    code: "drained",
    title: "The tunnels are closed on purpose",
    severity: "info",
    about: "host",
    advice: BACK,
    dependsOn: [],
    visibleAfterMs: 0,
    find: ({ draining }) =>
      draining?.closed
        ? [
            {
              text: "Somebody ran `spacegate drain`: every tunnel is closed on purpose, and no traffic passes through this gateway.",
              fix: BACK,
            },
          ]
        : [],
  },
];
