import { SpacegateError } from "../../lib/errors.ts";
import type { Wording } from "../../lib/refusal.ts";

/** What Heroku's refusals are told with when a data service is asked about. */
export const PRIVATELINK_WORDING: Wording = {
  forbidden: {
    sentence: "Heroku does not let this token see the app, or its data service",
    fix: "Use a token of a user who may view the app, and check that the account is in good standing.",
  },
  notAllowed: {
    sentence: "Heroku does not let this token change the data service's PrivateLink",
    fix: "Use a token of a user who may manage the app's add-ons, with scope write-protected or global, and check that the account is in good standing.",
  },
  question: "Check the app's and the add-on's name with `heroku addons --app APP`.",
  stranger: {
    sentence: "what answers in Heroku's place knows nothing of PrivateLinks",
    fix: "Check HEROKU_HOST, HEROKU_DATA_HOST and the proxy.",
  },
};

/** What was asked for would not work, so nothing was. */
export const refuse = (message: string, fix: string): SpacegateError =>
  new SpacegateError("PRIVATELINK_REFUSED", message, { fix });

export const unknown = (message: string, fix: string): SpacegateError =>
  new SpacegateError("PRIVATELINK_NOT_FOUND", message, { fix });
