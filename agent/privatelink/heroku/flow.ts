import { SpacegateError } from "../../lib/errors.ts";
import { type Look, type WaitDeps, waitFor as wait } from "../../lib/flow.ts";
import type { HerokuLink } from "../../model/privatelink.ts";
import { type HerokuLinks, type HerokuTarget, targetKey } from "./heroku-links.ts";
import { unknown } from "./wording.ts";

export type Verb = "create" | "info" | "wait" | "access list" | "access add" | "access remove" | "destroy";

/** What every flow works with. */
export interface LinkDeps extends WaitDeps {
  readonly links: HerokuLinks;
  /** Between two questions to Heroku. */
  readonly pollMs: number;
  /** The exact command that goes on: `command("access add", target, accounts)`. */
  readonly command: (verb: Verb, target: HerokuTarget, accounts?: readonly string[]) => string;
}

/** As lib's; rejects with PRIVATELINK_TIMEOUT. */
export const waitFor = <T>(what: string, look: () => Promise<Look<T>>, deps: LinkDeps): Promise<T> =>
  wait({ what, pollMs: deps.pollMs, tooLate: "PRIVATELINK_TIMEOUT" }, look, deps);

interface Change {
  readonly what: string;
  readonly ask: () => Promise<void>;
  /** True when Heroku shows that it is done: an answer may have been lost, and the same change asked for twice is refused. */
  readonly isDone: () => Promise<boolean>;
}

/** Asks Heroku for a change, again while it is away or limits. */
export const insist = ({ what, ask, isDone }: Change, deps: LinkDeps): Promise<true> =>
  waitFor(
    what,
    async () => {
      try {
        await ask();
      } catch (thrown) {
        if (!(thrown instanceof SpacegateError) || thrown.code !== "HEROKU_REFUSED" || !(await isDone())) throw thrown;
      }
      return { done: true };
    },
    deps,
  );

const noLink = (target: HerokuTarget, { command }: LinkDeps): SpacegateError =>
  unknown(`${targetKey(target)} has no PrivateLink.`, `Make one: ${command("create", target, ["ID"])}`);

/** Throws PRIVATELINK_NOT_FOUND. */
export const findOrRefuse = async (target: HerokuTarget, deps: LinkDeps): Promise<HerokuLink> => {
  const link = await deps.links.describe(target, deps.signal);
  if (!link) throw noLink(target, deps);
  return link;
};
