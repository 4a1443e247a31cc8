import { connectionKey } from "../model/connection.ts";
import type { Trouble } from "../model/trouble.ts";
import { type ConnectionFacts, type HealthFacts, isUsable } from "./facts.ts";
import type { Finding, WarningSpec } from "./spec.ts";

const forConnections = (facts: HealthFacts, find: (connection: ConnectionFacts) => readonly Trouble[]): Finding[] =>
  facts.connections.flatMap((connection) =>
    find(connection).map((trouble) => ({ ...trouble, connection: connectionKey(connection.status) })),
  );

const isDown = ({ status }: ConnectionFacts): boolean => status.status === "down" && !status.tunnels.some(isUsable);

/** About a connection as a whole: its details, and whether anything gets through. */
export const CONNECTION_WARNINGS: readonly WarningSpec[] = [
  {
    code: "source-failed",
    title: "Heroku's details cannot be fetched",
    severity: "warning",
    about: "connection",
    advice: "The message names token, name, network or answer. The tunnels go on with the last good details.",
    dependsOn: [],
    visibleAfterMs: 0,
    find: (facts) => forConnections(facts, ({ sourceError }) => (sourceError ? [sourceError] : [])),
  },
  {
    code: "connection-waiting",
    title: "The connection is not ready at Heroku",
    severity: "warning",
    about: "connection",
    advice: "Wait while Heroku provisions; when it never ends, check space and name.",
    dependsOn: [],
    visibleAfterMs: 0,
    find: (facts) =>
      forConnections(facts, ({ waiting }) =>
        waiting === null
          ? []
          : [{ text: waiting, fix: "Nothing to do while Heroku provisions; `heroku spaces:vpn:wait` tells when it is done." }],
      ),
  },
  {
    code: "connection-refused",
    title: "The connection's details were refused",
    severity: "critical",
    about: "connection",
    advice: "The message names the field. The details in force before stay in force.",
    dependsOn: [],
    visibleAfterMs: 0,
    find: (facts) => forConnections(facts, ({ refused }) => refused),
  },
  {
    code: "connection-advice",
    title: "The connection's details look wrong",
    severity: "warning",
    about: "connection",
    advice: "The message names the field and what would be better.",
    dependsOn: [],
    visibleAfterMs: 0,
    find: (facts) => forConnections(facts, ({ advice }) => advice),
  },
  {
    code: "probe-impossible",
    title: "The tunnels cannot be probed",
    severity: "warning",
    about: "connection",
    advice: "Give this host an address in local.subnets, or take `probe` out.",
    dependsOn: [],
    visibleAfterMs: 0,
    find: (facts) =>
      forConnections(facts, ({ probeImpossible }) =>
        probeImpossible
          ? [
              {
                text: "This host has no address in local.subnets, so its probes would not fit the tunnels' traffic selectors.",
                fix: "Give this host an address in local.subnets, or take `probe` out of the settings.",
              },
            ]
          : [],
      ),
  },
  {
    code: "connection-down",
    title: "No tunnel carries traffic",
    severity: "critical",
    about: "connection",
    advice: "See the tunnels' reasons; both are tried again and again.",
    dependsOn: ["charon-absent", "drained"],
    visibleAfterMs: 0,
    find: (facts) =>
      forConnections(facts, (connection) =>
        isDown(connection)
          ? [{ text: "Neither tunnel is up and passing: the space cannot be reached.", fix: "See the tunnels' own warnings." }]
          : [],
      ),
  },
];
