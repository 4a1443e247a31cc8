import type { HerokuLink } from "./privatelink.ts";

/** On its way out, or out and still shown: only when Heroku does not know it any more it can be made again. */
export const isLeaving = ({ status }: Pick<HerokuLink, "status">): boolean => /^deprovision/i.test(status);

/** Heroku documents no state of failure: these words mean one, whatever else a state, of a link or an account, may be called. */
export const isFailure = (status: string): boolean => /fail|error|reject|invalid/i.test(status);
