import { systemClock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Secret } from "../lib/secret.ts";
import type { Keeper, OpenKeeper } from "../loop/links.ts";
import { openLinkAws } from "../privatelink/aws/open.ts";
import { DataLinks } from "../privatelink/heroku/data-links.ts";
import { PRIVATELINK_WORDING } from "../privatelink/heroku/wording.ts";
import { entriesOf } from "../privatelink/loop/entries.ts";
import { LinkKeeper } from "../privatelink/loop/keeper.ts";
import type { PassAws } from "../privatelink/loop/link-pass.ts";
import { Works } from "../privatelink/loop/works.ts";
import { resolverOf } from "../privatelink/observe/dns.ts";
import { openDataApi, openHerokuApi } from "./heroku-api.ts";

interface LinkParts {
  readonly root: string;
  readonly log: Log;
  readonly remember: (secret: Secret) => void;
}

/** Clients are made once a region: they keep connections and credentials. */
const awsByRegion = (): ((region: string) => Promise<PassAws>) => {
  const opened = new Map<string, Promise<PassAws>>();
  return (region) => {
    const aws = opened.get(region) ?? openLinkAws(region);
    opened.set(region, aws);
    return aws;
  };
};

/** Builds what looks after declared links, with Heroku's and AWS's real adapters. */
export const keeperOf =
  ({ root, log, remember }: LinkParts): OpenKeeper =>
  async (onStatus): Promise<Keeper> => {
    const wording = { wording: PRIVATELINK_WORDING };
    const heroku = new DataLinks({ platform: openHerokuApi(root, wording), data: openDataApi(root, wording) });
    const works = new Works({
      ...{ heroku, log, remember, clock: systemClock },
      aws: awsByRegion(),
      resolve: resolverOf(),
    });
    const keeper = new LinkKeeper({ works, clock: systemClock, log, random: Math.random, onStatus });
    return { use: (links) => keeper.use(entriesOf(links)), stop: () => keeper.stop() };
  };
