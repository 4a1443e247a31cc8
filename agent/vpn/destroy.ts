import type { Confirmation } from "../lib/confirm.ts";
import { Teller } from "../lib/flow.ts";
import { type ConnectionRef, connectionKey } from "../model/connection.ts";
import { confirmConnection, type FlowDeps, unknownConnection, waitFor } from "./flow.ts";
import type { VpnConnection } from "./heroku-vpn.ts";
import { untilGone } from "./wait.ts";

/** Throws SOURCE_NOT_FOUND, naming what the space has instead. */
export const findOrRefuse = async (ref: ConnectionRef, { heroku, signal }: FlowDeps): Promise<VpnConnection> => {
  const found = await heroku.find(ref, signal);
  if (found) return found;
  throw unknownConnection(ref, await heroku.list(ref.space, signal));
};

/** Has Heroku remove the connection, asking again while Heroku is away, and waits until it is gone. `onTaken`: there is no way back. */
export const remove = async (ref: ConnectionRef, deps: FlowDeps, onTaken: () => void): Promise<void> => {
  const ask = async () => {
    await deps.heroku.destroy(ref);
    return { done: true };
  };
  await waitFor({ what: `Heroku to take the removal of ${connectionKey(ref)}`, pollMs: deps.pollMs }, ask, deps);
  onTaken();
  deps.progress.say(`Heroku removes ${connectionKey(ref)}: both tunnels go down now.`);
  await untilGone(ref, deps);
};

/** `spacegate vpn destroy`: resolves when Heroku does not know the connection any more. */
export const destroy = (ref: ConnectionRef, confirmation: Confirmation, deps: FlowDeps): Promise<void> => {
  const key = connectionKey(ref);
  const teller = new Teller();
  return teller.run(deps.signal, async () => {
    const found = await findOrRefuse(ref, deps);
    if (found.status.toLowerCase() !== "deprovisioning") {
      deps.progress.say(
        [
          `Destroying ${key} takes both tunnels down for good: no traffic between the space and ${found.routableCidrs.join(", ")}.`,
          "Its PSKs and VPN gateway addresses do not come back; a connection made later has others.",
        ].join("\n"),
      );
      await confirmConnection(ref.name, confirmation);
    }
    const next = `See it through with: ${deps.command("destroy", ref)}`;
    teller.at({ state: `Heroku has not confirmed yet that it removes ${key}.`, next });
    await remove(ref, deps, () => teller.at({ state: `Heroku removes ${key}; that cannot be taken back.`, next }));
  });
};
