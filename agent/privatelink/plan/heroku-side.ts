import { isFailure, isLeaving } from "../../model/heroku-link-state.ts";
import type { LinkWanted } from "../../model/privatelink.ts";
import type { LinkObserved, LinkProblem } from "../../model/privatelink-plan.ts";
import { accountWaiting } from "./account.ts";
import { targetText } from "./names.ts";
import { problem } from "./problem.ts";

const AGAIN = "`spacegate privatelink destroy` removes what is left of it, and `create` makes it again.";

/** What does not come right by waiting. */
export const herokuProblems = (wanted: LinkWanted, { heroku }: LinkObserved): LinkProblem[] => {
  if (!heroku) return [];
  const whose = `the PrivateLink of ${targetText(wanted)}`;
  if (isLeaving(heroku))
    return [
      problem(
        "PRIVATELINK_FAILED",
        `Heroku is removing ${whose} (${heroku.status}).`,
        "`spacegate privatelink create` waits until it is gone, and makes it again; the new one has another service name.",
      ),
    ];
  return isFailure(heroku.status)
    ? [problem("PRIVATELINK_FAILED", `Heroku could not make ${whose}. It says: ${heroku.status}`, AGAIN)]
    : [];
};

/** What Heroku is still at work on, in words; "" for nothing. */
export const herokuWaiting = (wanted: LinkWanted, observed: LinkObserved): string => {
  if (wanted.target.kind !== "heroku") return "";
  if (!observed.heroku) return `Heroku to make a PrivateLink for ${targetText(wanted)}`;
  if (observed.serviceName === "") return `Heroku to name the service of ${targetText(wanted)} (${observed.heroku.status})`;
  if (observed.heroku.status.toLowerCase() !== "operational")
    return `Heroku to make the PrivateLink of ${targetText(wanted)} operational (${observed.heroku.status})`;
  return accountWaiting(observed);
};
