import { SpacegateError } from "../lib/errors.ts";
import type { Look } from "../lib/flow.ts";
import { type ConnectionRef, connectionKey } from "../model/connection.ts";
import { type FlowDeps, unknownConnection, waitFor } from "./flow.ts";
import type { VpnConnection } from "./heroku-vpn.ts";

const withMessage = ({ status, statusMessage }: VpnConnection): string =>
  statusMessage === "" ? status : `${status}: ${statusMessage}`;

const failure = (ref: ConnectionRef, connection: VpnConnection): SpacegateError =>
  new SpacegateError("VPN_FAILED", `Heroku could not make ${connectionKey(ref)}. It says: ${withMessage(connection)}`, {
    fix: "Try again; if it fails again, ask Heroku's support.",
  });

const removed = (ref: ConnectionRef, connection: VpnConnection | undefined): SpacegateError =>
  new SpacegateError(
    "VPN_FAILED",
    `Somebody removes ${connectionKey(ref)} (${connection ? withMessage(connection) : "Heroku does not know it any more"})`,
    { fix: "`spacegate vpn connect` makes it again." },
  );

const usable = ({ tunnels }: VpnConnection): boolean =>
  tunnels.length >= 2 && tunnels.every(({ ip, psk }) => ip !== "" && psk !== undefined);

/** What a connection that is being made is like now. */
const look = (ref: ConnectionRef, connection: VpnConnection): Look<VpnConnection> => {
  const key = connectionKey(ref);
  const status = connection.status.toLowerCase();
  if (status === "failed") throw failure(ref, connection);
  if (status === "deprovisioning") throw removed(ref, connection);
  if (status === "active" && usable(connection)) return { done: connection };
  const ready = connection.tunnels.length > 0 ? `, ${connection.tunnels.length} of 2 tunnels` : "";
  return { seen: `${key} is ${withMessage(connection)}${ready}` };
};

/** A space has one connection at most: where another one is, this one will not come. */
const absent = async (ref: ConnectionRef, { heroku, signal }: FlowDeps): Promise<Look<VpnConnection>> => {
  const others = (await heroku.list(ref.space, signal)).filter(({ name }) => name !== ref.name);
  if (others.length > 0) throw unknownConnection(ref, others);
  return { seen: `${connectionKey(ref)} is not to be seen yet, as usual right after its creation (or the name is misspelt)` };
};

/**
 * Waits until a connection is active with both tunnels. Not found is normal right after its creation. Rejects with VPN_FAILED
 * in the provider's words, VPN_TIMEOUT, SOURCE_NOT_FOUND where the space has another one.
 */
export const untilActive = (ref: ConnectionRef, deps: FlowDeps): Promise<VpnConnection> => {
  let wasThere = false;
  const what = `${connectionKey(ref)} to be active`;
  return waitFor(
    { what, pollMs: deps.pollMs },
    async () => {
      const connection = await deps.heroku.find(ref, deps.signal);
      if (!connection && wasThere) throw removed(ref, undefined);
      if (!connection) return absent(ref, deps);
      wasThere = true;
      return look(ref, connection);
    },
    deps,
  );
};

/** Waits until Heroku does not know the connection any more. */
export const untilGone = (ref: ConnectionRef, deps: FlowDeps): Promise<true> =>
  waitFor(
    { what: `${connectionKey(ref)} to be gone`, pollMs: deps.pollMs },
    async () => {
      const connection = await deps.heroku.find(ref, deps.signal);
      return connection ? { seen: `${connectionKey(ref)} is ${withMessage(connection)}` } : { done: true };
    },
    deps,
  );
