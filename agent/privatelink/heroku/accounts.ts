import { quoted } from "../../lib/text.ts";
import type { HerokuLink } from "../../model/privatelink.ts";
import { refuse } from "./wording.ts";

/** Letters that a user's, a role's and a path's name may have. Source: IAM, "Name requirements". */
const NAME = "[\\w+=,.@-]{1,128}";
/** Heroku makes an ARN of it, and an ARN has the path before the name. */
const PRINCIPAL = new RegExp(`^(\\d{12})(?::(root|(?:user|role)/(?:${NAME}/)*[\\w+=,.@-]{1,64}))?$`);
const ARN = /^arn:aws[\w-]*:iam::(\d{12}:.+)$/;

const RIGHT = "Heroku takes ID, ID:root, ID:user/NAME and ID:role/NAME, where ID are an AWS account's 12 digits.";

const refusal = (text: string) => {
  const inside = ARN.exec(text)?.[1];
  if (inside !== undefined && PRINCIPAL.test(inside))
    return refuse(`The account ${quoted(text)} is a whole ARN. Nothing was sent.`, `Give it as Heroku takes it: ${inside}`);
  const temporary = /^arn:aws[\w-]*:sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\//.exec(text);
  if (temporary)
    return refuse(
      `The account ${quoted(text)} is a role's session, which ends. Nothing was sent.`,
      `Let the role in: ${temporary[1]}:role/${temporary[2]} (with its path, where it has one)`,
    );
  return refuse(`The account ${quoted(text)} is none. Nothing was sent.`, RIGHT);
};

/** "ID:root" for an account as it is typed or as Heroku shows it, so that the same one compares equal; itself when it is none. */
export const principalOf = (text: string): string => {
  const [, id, principal = "root"] = PRINCIPAL.exec(ARN.exec(text)?.[1] ?? text) ?? [];
  return id === undefined ? text : `${id}:${principal}`;
};

/** The accounts as they were typed, each once. Throws PRIVATELINK_REFUSED for one that Heroku would not take. */
export const parseAccounts = (texts: readonly string[]): readonly string[] => {
  const wrong = texts.find((text) => !PRINCIPAL.test(text));
  if (wrong !== undefined) throw refusal(wrong);
  return [...new Map(texts.map((text) => [principalOf(text), text])).values()];
};

type Allowed = HerokuLink["allowedAccounts"][number];

const allowedPrincipal = ({ arn, accountId }: Allowed): string => principalOf(arn || accountId);

/** Those of `accounts` that the link does not let in. */
export const missingAccounts = (link: HerokuLink, accounts: readonly string[]): readonly string[] => {
  const allowed = new Set(link.allowedAccounts.map(allowedPrincipal));
  return accounts.filter((account) => !allowed.has(principalOf(account)));
};

/** Those that the link lets in and that are not of `accounts`, as one may type them. */
export const otherAccounts = (link: HerokuLink, accounts: readonly string[]): readonly string[] => {
  const named = new Set(accounts.map(principalOf));
  return link.allowedAccounts.map(allowedPrincipal).filter((principal) => !named.has(principal));
};
