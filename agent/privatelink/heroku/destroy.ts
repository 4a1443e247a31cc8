import { type Confirmation, confirmName } from "../../lib/confirm.ts";
import { Teller } from "../../lib/flow.ts";
import { isLeaving } from "../../model/heroku-link-state.ts";
import type { HerokuLink } from "../../model/privatelink.ts";
import { findOrRefuse, insist, type LinkDeps } from "./flow.ts";
import { type HerokuTarget, targetKey } from "./heroku-links.ts";
import { untilGone } from "./wait.ts";

const losses = (key: string, { connections }: HerokuLink): string =>
  [
    `Destroying the PrivateLink of ${key} cuts every connection through it for good.`,
    connections.length === 0
      ? "No endpoint is connected to it."
      : `Connected now: ${connections.map(({ endpointId, ownerArn }) => `${endpointId} (${ownerArn || "owner unknown"})`).join(", ")}.`,
    "A link made later has another service name, and needs new endpoints.",
  ].join("\n");

/** `spacegate privatelink destroy`: resolves when Heroku does not know the link any more. */
export const destroy = (target: HerokuTarget, confirmation: Confirmation, deps: LinkDeps): Promise<void> => {
  const key = targetKey(target);
  const teller = new Teller();
  return teller.run(deps.signal, async () => {
    const link = await findOrRefuse(target, deps);
    const next = `See it through with: ${deps.command("destroy", target)}`;
    if (!isLeaving(link)) {
      deps.progress.say(losses(key, link));
      const name = link.addon.name || target.addon;
      await confirmName({ name, what: "the add-on's name", refused: "PRIVATELINK_REFUSED" }, confirmation);
      teller.at({ state: `Heroku has not confirmed yet that it removes the PrivateLink of ${key}.`, next });
      await insist(
        {
          what: `Heroku to take the removal of ${key}`,
          ask: () => deps.links.destroy(target, deps.signal),
          isDone: async () => {
            const now = await deps.links.describe(target, deps.signal);
            return !now || isLeaving(now);
          },
        },
        deps,
      );
      deps.progress.say(`Heroku removes the PrivateLink of ${key}.`);
    }
    teller.at({ state: `Heroku removes the PrivateLink of ${key}; that cannot be taken back.`, next });
    await untilGone(target, deps);
  });
};
