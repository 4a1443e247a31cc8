import { SpacegateError } from "../../lib/errors.ts";
import { type Look, type Story, Teller } from "../../lib/flow.ts";
import { isLeaving } from "../../model/heroku-link-state.ts";
import type { HerokuLink } from "../../model/privatelink.ts";
import { missingAccounts, otherAccounts } from "./accounts.ts";
import { type LinkDeps, waitFor } from "./flow.ts";
import { type HerokuTarget, targetKey } from "./heroku-links.ts";
import { untilGone, untilOperational } from "./wait.ts";
import { refuse } from "./wording.ts";

interface Wanted {
  readonly target: HerokuTarget;
  /** From `parseAccounts`; one at least. */
  readonly accounts: readonly string[];
  /** Until it can be used, too. */
  readonly wait: boolean;
}

/** A link that is there already. It is good enough when it lets in whom it was wanted for. Throws PRIVATELINK_REFUSED. */
const accept = ({ target, accounts }: Wanted, link: HerokuLink, { progress, command }: LinkDeps): HerokuLink => {
  const key = targetKey(target);
  const missing = missingAccounts(link, accounts);
  // Heroku's list is empty at first.
  const young = link.status.toLowerCase() === "provisioning" && link.allowedAccounts.length === 0;
  if (missing.length > 0 && !young)
    throw refuse(
      `${key} has a PrivateLink already (${link.status}), and it does not let in ${missing.join(", ")}. Nothing was changed.`,
      `Let them in: ${command("access add", target, missing)}`,
    );
  const others = otherAccounts(link, accounts);
  const also = others.length > 0 ? ` It also lets in ${others.join(", ")}.` : "";
  progress.say(`${key} has a PrivateLink already (${link.status}): nothing is created.${also}`);
  return link;
};

const isConflict = (thrown: unknown): thrown is SpacegateError =>
  thrown instanceof SpacegateError && (thrown.details.status === 409 || thrown.details.status === 422);

/** One try. Whether a request without an answer was heard is not known: then a conflict means that it was. */
const tryToCreate = async (wanted: Wanted, deps: LinkDeps): Promise<Look<{ link: HerokuLink; isNew: boolean }>> => {
  const { target, accounts } = wanted;
  try {
    return { done: { link: await deps.links.create(target, accounts, deps.signal), isNew: true } };
  } catch (thrown) {
    if (!isConflict(thrown)) throw thrown;
    const there = await deps.links.describe(target, deps.signal);
    if (there && !isLeaving(there)) return { done: { link: accept(wanted, there, deps), isNew: false } };
    // A 422 is most often about the request itself, which stays wrong.
    if (!there && thrown.details.status === 422 && !/already|exist/i.test(thrown.message)) throw thrown;
    return { seen: `${thrown.message}: most often with one that cannot be seen yet, or is still being removed` };
  }
};

const make = async (wanted: Wanted, deps: LinkDeps): Promise<HerokuLink> => {
  const key = targetKey(wanted.target);
  const { link, isNew } = await waitFor(`Heroku to take the PrivateLink of ${key}`, async () => tryToCreate(wanted, deps), deps);
  const next = wanted.wait ? "" : `\nSee it through with: ${deps.command("wait", wanted.target, wanted.accounts)}`;
  if (isNew) deps.progress.say(`Heroku makes the PrivateLink of ${key}. This takes 5 to 10 minutes as a rule.${next}`);
  return link;
};

/** The link that is there already; waits for one that is being removed. */
const existing = async (wanted: Wanted, deps: LinkDeps): Promise<HerokuLink | undefined> => {
  const { target } = wanted;
  const there = await deps.links.describe(target, deps.signal);
  if (!there) return undefined;
  if (!isLeaving(there)) return accept(wanted, there, deps);
  deps.progress.say(`The PrivateLink of ${targetKey(target)} is being removed; a new one can be made when it is gone.`);
  await untilGone(target, deps);
  return undefined;
};

const stories = ({ target, accounts }: Wanted, { command }: LinkDeps): { readonly asking: Story; readonly making: Story } => ({
  asking: {
    state: `Heroku has not confirmed that it makes the PrivateLink of ${targetKey(target)}.`,
    next: `The same command goes on from there: ${command("create", target, accounts)}`,
  },
  making: {
    state: `Heroku has been asked for the PrivateLink of ${targetKey(target)} and goes on making it.`,
    next: `Go on with: ${command("wait", target, accounts)}`,
    failed: {
      state: "What is left of it must be removed before it can be made again.",
      next: `Remove it: ${command("destroy", target)}\nand make it again: ${command("create", target, accounts)}`,
    },
  },
});

/** `spacegate privatelink create`: resolves with the link as Heroku shows it when it has taken it, or, with `wait`, when it can be used. */
export const create = (wanted: Wanted, deps: LinkDeps): Promise<HerokuLink> => {
  const teller = new Teller();
  const { asking, making } = stories(wanted, deps);
  return teller.run(deps.signal, async () => {
    const there = await existing(wanted, deps);
    if (!there) teller.at(asking);
    const link = there ?? (await make(wanted, deps));
    teller.at(making);
    return wanted.wait ? untilOperational(wanted.target, wanted.accounts, deps) : link;
  });
};
