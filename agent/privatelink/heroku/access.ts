import { Teller } from "../../lib/flow.ts";
import { isLeaving } from "../../model/heroku-link-state.ts";
import type { HerokuLink } from "../../model/privatelink.ts";
import { missingAccounts, otherAccounts, principalOf } from "./accounts.ts";
import { findOrRefuse, insist, type LinkDeps } from "./flow.ts";
import { type HerokuTarget, targetKey } from "./heroku-links.ts";
import { untilOperational } from "./wait.ts";
import { refuse, unknown } from "./wording.ts";

interface Change {
  readonly target: HerokuTarget;
  /** From `parseAccounts`; one at least. */
  readonly accounts: readonly string[];
}

const assertStays = (target: HerokuTarget, link: HerokuLink): void => {
  if (isLeaving(link))
    throw refuse(
      `The PrivateLink of ${targetKey(target)} is being removed (${link.status}). Nothing was changed.`,
      "Make a new one when it is gone.",
    );
};

const afresh = async (target: HerokuTarget, before: HerokuLink, { links, signal }: LinkDeps): Promise<HerokuLink> =>
  (await links.describe(target, signal)) ?? before;

/** `spacegate privatelink access add`: asks for those only that are not let in; with `wait` until they are Active. */
export const addAccess = (
  { target, accounts, wait }: Change & { readonly wait: boolean },
  deps: LinkDeps,
): Promise<HerokuLink> => {
  const key = targetKey(target);
  const teller = new Teller();
  return teller.run(deps.signal, async () => {
    const link = await findOrRefuse(target, deps);
    assertStays(target, link);
    const missing = missingAccounts(link, accounts);
    const there = accounts.filter((account) => !missing.includes(account));
    if (there.length > 0) deps.progress.say(`${key} lets in ${there.join(", ")} already.`);
    const next = `The same command goes on from there: ${deps.command("access add", target, accounts)}`;
    if (missing.length > 0) {
      teller.at({ state: `Heroku has not confirmed that it lets in ${missing.join(", ")}.`, next });
      await insist(
        {
          what: `Heroku to let in ${missing.join(", ")}`,
          ask: () => deps.links.addAccounts(target, missing, deps.signal),
          isDone: async () => missingAccounts(await afresh(target, link, deps), missing).length === 0,
        },
        deps,
      );
    }
    teller.at({ state: "Heroku goes on letting them in.", next: `Go on with: ${deps.command("wait", target, accounts)}` });
    return wait ? untilOperational(target, accounts, deps) : afresh(target, link, deps);
  });
};

const assertLetIn = (target: HerokuTarget, link: HerokuLink, accounts: readonly string[]): void => {
  const missing = missingAccounts(link, accounts);
  if (missing.length === 0) return;
  const others = otherAccounts(link, []);
  throw unknown(
    `${targetKey(target)} does not let in ${missing.join(", ")}. Nothing was changed.`,
    others.length > 0 ? `It lets in ${others.join(", ")}.` : "It lets in nobody.",
  );
};

/** `spacegate privatelink access remove`: all or none of them, for a misspelt one would stay let in. */
export const removeAccess = ({ target, accounts }: Change, deps: LinkDeps): Promise<HerokuLink> => {
  const key = targetKey(target);
  const teller = new Teller();
  return teller.run(deps.signal, async () => {
    const link = await findOrRefuse(target, deps);
    assertStays(target, link);
    assertLetIn(target, link, accounts);
    if (otherAccounts(link, accounts).length === 0)
      deps.progress.say(
        `Warning: ${accounts.join(", ")} is all that ${key} lets in. Nobody can connect to it then, until an account is added.`,
      );
    const names = accounts.map(principalOf).join(", ");
    teller.at({
      state: `Heroku has not confirmed that it shuts out ${names}.`,
      next: `See who is let in: ${deps.command("access list", target)}`,
    });
    await insist(
      {
        what: `Heroku to shut out ${names}`,
        ask: () => deps.links.removeAccounts(target, accounts, deps.signal),
        isDone: async () => missingAccounts(await afresh(target, link, deps), accounts).length === accounts.length,
      },
      deps,
    );
    return afresh(target, link, deps);
  });
};
