import type { PrivatelinkOptions } from "../cli/privatelink-options.ts";
import { linkJson, linkText } from "../cli/privatelink-text.ts";
import { SpacegateError } from "../lib/errors.ts";
import { DataLinks } from "../privatelink/heroku/data-links.ts";
import type { HerokuTarget } from "../privatelink/heroku/heroku-links.ts";
import { PRIVATELINK_WORDING } from "../privatelink/heroku/wording.ts";
import { openDataApi, openHerokuApi } from "./heroku-api.ts";
import { stopSignal } from "./stop-signal.ts";

const targetOf = ({ app, addon }: PrivatelinkOptions): HerokuTarget => {
  if (addon !== undefined && app !== undefined) return { kind: "heroku", app, addon };
  const [option, what] = addon === undefined ? ["ADDON", "the data service's add-on"] : ["--app", "the Heroku app"];
  throw new SpacegateError("OPTION_MISSING", `${option} is missing: ${what}.`, { fix: `Give ${option}.` });
};

export const privatelink = async (options: PrivatelinkOptions): Promise<number> => {
  const target = targetOf(options);
  const { signal } = stopSignal();
  const links = new DataLinks({
    platform: openHerokuApi(options.root, { wording: PRIVATELINK_WORDING }),
    data: openDataApi(options.root, { wording: PRIVATELINK_WORDING }),
  });
  const link = await links.describe(target, signal);
  if (!link)
    throw new SpacegateError("PRIVATELINK_NOT_FOUND", `${target.app}/${target.addon} has no PrivateLink.`, { fix: "Make one." });
  process.stdout.write(`${options.json ? JSON.stringify(linkJson(link)) : linkText(link)}\n`);
  return 0;
};
