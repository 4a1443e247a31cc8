/* IAM's judgement of a request, as far as a policy of Allow statements goes. Source: IAM user guide, "Policy evaluation logic". */

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface Policy {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

/** One thing that a request does to one resource. */
export interface Judged {
  /** "ec2:CreateVpcEndpoint" */
  readonly action: string;
  /** An ARN; "*" where the action knows no resources. */
  readonly resource: string;
  /** Condition keys and their values: "aws:RequestTag/NAME", "ec2:CreateAction". */
  readonly context: Readonly<Record<string, string>>;
}

const listOf = (value: string | readonly string[]): readonly string[] => (typeof value === "string" ? [value] : value);

const isLike = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    "s",
  ).test(text);

const OPERATORS: Readonly<Record<string, (actual: string | undefined, wanted: readonly string[]) => boolean>> = {
  StringEquals: (actual, wanted) => actual !== undefined && wanted.includes(actual),
  StringLike: (actual, wanted) => actual !== undefined && wanted.some((pattern) => isLike(pattern, actual)),
  Null: (actual, wanted) => wanted.includes(String(actual === undefined)),
};

const holds = (condition: Statement["Condition"], context: Judged["context"]): boolean =>
  Object.entries(condition ?? {}).every(([name, keys]) => {
    const operator = OPERATORS[name];
    if (!operator) throw new Error(`the judge does not know the condition operator ${name}`);
    return Object.entries(keys).every(([key, wanted]) => operator(context[key], listOf(wanted)));
  });

/** True when a statement allows it. */
export const isAllowed = (policy: Policy, { action, resource, context }: Judged): boolean =>
  policy.Statement.some(
    (statement) =>
      statement.Effect === "Allow" &&
      listOf(statement.Action).some((pattern) => isLike(pattern, action)) &&
      listOf(statement.Resource).some((pattern) => isLike(pattern, resource)) &&
      holds(statement.Condition, context),
  );
