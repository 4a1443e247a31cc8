import { SpacegateError } from "../../lib/errors.ts";
import { type Look, orInterrupted } from "../../lib/flow.ts";
import { isFailure, isLeaving } from "../../model/heroku-link-state.ts";
import type { HerokuLink } from "../../model/privatelink.ts";
import { missingAccounts } from "./accounts.ts";
import { type LinkDeps, waitFor } from "./flow.ts";
import { type HerokuTarget, targetKey } from "./heroku-links.ts";
import { unknown } from "./wording.ts";

/** A new link is not to be seen for a while; one that is not to be seen for longer was never made. */
const UNSEEN_MS = 120_000;

const failure = (message: string): SpacegateError =>
  new SpacegateError("PRIVATELINK_FAILED", message, { fix: "Try again; if it fails again, ask Heroku's support." });

const removed = (target: HerokuTarget, said: string): SpacegateError =>
  new SpacegateError("PRIVATELINK_FAILED", `Somebody removes the PrivateLink of ${targetKey(target)} (${said}).`, {
    fix: "`spacegate privatelink create` makes it again.",
  });

const notActive = ({ allowedAccounts }: HerokuLink) => allowedAccounts.filter(({ status }) => status.toLowerCase() !== "active");

/** What a link that is being made is like now. It is done when it can be used by everybody who is let in, `accounts` among them. */
const look = (target: HerokuTarget, link: HerokuLink, accounts: readonly string[]): Look<HerokuLink> => {
  const key = targetKey(target);
  if (isLeaving(link)) throw removed(target, link.status);
  if (isFailure(link.status)) throw failure(`Heroku could not make the PrivateLink of ${key}. It says: ${link.status}`);
  const refused = link.allowedAccounts.find(({ status }) => isFailure(status));
  if (refused) throw failure(`Heroku does not let ${refused.arn || refused.accountId} in. It says: ${refused.status}`);
  if (link.status.toLowerCase() !== "operational") return { seen: `${key} is ${link.status}` };
  if (link.serviceName === "") return { seen: `${key} is ${link.status}, and has no service name yet` };
  const missing = missingAccounts(link, accounts);
  if (missing.length > 0) return { seen: `${key} is ${link.status}; not let in yet: ${missing.join(", ")}` };
  const waiting = notActive(link).map(({ arn, accountId, status }) => `${arn || accountId} is ${status || "without a state"}`);
  return waiting.length > 0 ? { seen: `${key} is ${link.status}; ${waiting.join(", ")}` } : { done: link };
};

/**
 * Waits until a link is Operational, has its service name, and every account that is let in is Active, `accounts` among them.
 * Rejects with PRIVATELINK_FAILED in Heroku's words, PRIVATELINK_TIMEOUT, and PRIVATELINK_NOT_FOUND when it is not to be seen
 * for longer than `unseenMs`.
 */
export const untilOperational = (
  target: HerokuTarget,
  accounts: readonly string[],
  deps: LinkDeps,
  unseenMs = Number.POSITIVE_INFINITY,
): Promise<HerokuLink> => {
  const key = targetKey(target);
  const begun = deps.clock.monotonic();
  let wasThere = false;
  const ask = async (): Promise<Look<HerokuLink>> => {
    const link = await deps.links.describe(target, deps.signal);
    if (link) {
      wasThere = true;
      return look(target, link, accounts);
    }
    if (wasThere) throw removed(target, "Heroku does not know it any more");
    if (deps.clock.monotonic() - begun >= unseenMs)
      throw unknown(`${key} has no PrivateLink.`, `Make one: ${deps.command("create", target, ["ID"])}`);
    return { seen: `${key}'s PrivateLink is not to be seen yet, as usual right after its creation` };
  };
  return waitFor(`the PrivateLink of ${key} to be operational`, ask, deps);
};

/** Waits until Heroku does not know the link any more: Deprovisioned is not gone yet. */
export const untilGone = (target: HerokuTarget, deps: LinkDeps): Promise<true> => {
  const key = targetKey(target);
  const ask = async (): Promise<Look<true>> => {
    const link = await deps.links.describe(target, deps.signal);
    return link ? { seen: `${key} is ${link.status}` } : { done: true };
  };
  return waitFor(`the PrivateLink of ${key} to be gone`, ask, deps);
};

/** `spacegate privatelink wait`. */
export const wait = (target: HerokuTarget, accounts: readonly string[], deps: LinkDeps): Promise<HerokuLink> => {
  const story = {
    state: `Waiting changes nothing: Heroku goes on with the PrivateLink of ${targetKey(target)}.`,
    next: `Go on with: ${deps.command("wait", target, accounts)}`,
  };
  return orInterrupted(deps.signal, story, () => untilOperational(target, accounts, deps, UNSEEN_MS));
};
