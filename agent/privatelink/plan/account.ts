import type { HerokuLink } from "../../model/privatelink.ts";
import type { LinkObserved, LinkProblem } from "../../model/privatelink-plan.ts";
import { problem } from "./problem.ts";

type Allowed = HerokuLink["allowedAccounts"][number];

/** "user/NAME" or "role/NAME" of an identity as STS names it: an assumed role's session counts as its role. */
const principalOf = (callerArn: string): string => {
  const [kind = "", ...names] = (callerArn.split(":")[5] ?? "").split("/");
  return kind === "assumed-role" ? `role/${names[0] ?? ""}` : [kind, ...names].join("/");
};

/** The account of "arn:aws:iam::ID:role/NAME", "ID:role/NAME" or "ID", and whom of it, if anybody. */
const PRINCIPAL = /(?:^|:)(\d{12})(?::(.+))?$/;

/** An entry for an account lets everybody of the account in, one for a user or a role only that one. */
const letsIn = ({ accountId, arn }: Allowed, account: string, principal: string): boolean => {
  const [, owner, whom = ""] = PRINCIPAL.exec(arn || accountId) ?? [];
  if (owner !== account) return false;
  const [kind, ...names] = whom.split("/");
  if (kind !== "user" && kind !== "role") return true;
  // Paths are no part of what STS says about a role.
  return principal === whom || principal === `${kind}/${names.at(-1) ?? ""}`;
};

const allowedBy = ({ heroku, account, callerArn }: LinkObserved): readonly Allowed[] =>
  (heroku?.allowedAccounts ?? []).filter((one) => letsIn(one, account, principalOf(callerArn)));

/**
 * Heroku hides the service from accounts that it does not let in, so that AWS would call it unknown. Its list is empty until the
 * link is operational.
 */
export const accountProblems = (observed: LinkObserved): LinkProblem[] => {
  const { heroku, account, callerArn } = observed;
  if (heroku?.status.toLowerCase() !== "operational" || allowedBy(observed).length > 0) return [];
  const listed = heroku.allowedAccounts.map(({ arn }) => arn).join(", ") || "none";
  return [
    problem(
      "LINK_ACCOUNT",
      `Heroku does not let the AWS account ${account} (${callerArn}) connect to ${heroku.addon.name}; it lets in: ${listed}.`,
      `spacegate privatelink access add ${heroku.addon.name} --app ${heroku.app} --account ${account}`,
    ),
  ];
};

/** Words for a permission that Heroku has taken note of and not made yet; "" when there is none to wait for. */
export const accountWaiting = (observed: LinkObserved): string => {
  const allowed = allowedBy(observed);
  const active = allowed.some(({ status }) => status === "" || status.toLowerCase() === "active");
  return active || allowed.length === 0 ? "" : `Heroku to let ${allowed[0]?.arn} in (${allowed[0]?.status})`;
};
