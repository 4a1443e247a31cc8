import { chooseHerokuSide, refuse } from "./heroku-side.ts";
import { chooseLocalSide } from "./local-side.ts";
import type { SetupDeps, SetupFlags } from "./seams.ts";
import type { Chosen } from "./settings-text.ts";

/** What is to be done once nobody has anything more to say. */
export interface Decided {
  readonly chosen: Chosen;
  /** Heroku is to make the connection. */
  readonly create: { readonly publicIp: string; readonly routableCidrs: readonly string[] } | undefined;
}

/**
 * Every question of `spacegate setup`, each answered by a flag, by what was found, or by a person. Changes nothing anywhere.
 * Rejects with OPTION_MISSING, SETUP_REFUSED, INTERRUPTED, or Heroku's errors.
 */
export const decide = async (flags: SetupFlags, deps: SetupDeps): Promise<Decided> => {
  const side = await chooseHerokuSide(flags, deps);
  const chosen = await chooseLocalSide(side, flags, deps);
  if (side.found) return { chosen, create: undefined };
  const publicIp = chosen.publicAddress ?? "";
  const unfit = await deps.heroku.unfit(side.space, publicIp, chosen.subnets, deps.signal);
  if (unfit.length > 0)
    throw refuse(
      [
        "Heroku could not make this connection, so nothing was asked of it and nothing was written:",
        ...unfit.map((text) => `  ${text}`),
      ].join("\n"),
      "Correct that (--public-address, --subnets) and run `spacegate setup` again.",
    );
  return { chosen, create: { publicIp, routableCidrs: chosen.subnets } };
};
