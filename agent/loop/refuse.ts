import { SpacegateError } from "../lib/errors.ts";
import { type Connection, connectionKey } from "../model/connection.ts";
import type { HostFacts } from "../model/observed.ts";
import type { Settings } from "../model/settings.ts";
import { validateConnection } from "../plan/validate.ts";
import { problemTrouble } from "./status-view.ts";

const NO_FACTS: HostFacts = { vti: false, sourceAddress: {}, addresses: [], devices: {}, memoryBytes: 0 };

/**
 * Throws CONNECTION_INVALID for details that do not fit the settings: they must replace good ones neither in force nor in the
 * last good copy. What only the host can tell is left to the pass.
 */
export const refuseUnfit = (connection: Connection, settings: Settings): void => {
  const own = settings.connections.find((one) => connectionKey(one) === connectionKey(connection));
  const problems = own ? validateConnection(connection, own, NO_FACTS) : [];
  const errors = problems.filter((problem) => problem.severity === "error");
  const [first] = errors;
  if (!first) return;
  throw new SpacegateError(
    "CONNECTION_INVALID",
    `Heroku's details do not fit: ${errors.map((error) => problemTrouble(error).text).join("; ")}`,
    {
      fix: first.fix,
      details: { fields: errors.map(({ field }) => field) },
    },
  );
};
