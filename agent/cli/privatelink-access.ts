import type { AddCommand } from "./options.ts";
import { acting, type PrivatelinkOptions, subcommand, withAccounts } from "./privatelink-options.ts";
import { withWaiting } from "./waiting.ts";

export const addPrivatelinkAccess: AddCommand<PrivatelinkOptions> = (parent, finish, act) => {
  const access = parent.command("access").description("which AWS accounts may connect to a PrivateLink: list, add, remove");
  subcommand(access, {
    verb: "access list",
    description: "show which AWS accounts may connect",
    examples: ["access list redis-kvs-12345 --app acme-app"],
  }).action(acting("access list", finish, act));
  const add = subcommand(access, {
    verb: "access add",
    description: "let further AWS accounts connect",
    examples: ["access add redis-kvs-12345 --aws-account-id 123456789012:role/gateway --app acme-app --wait"],
  });
  withWaiting(withAccounts(add, "an AWS account to let in"))
    .option("--wait", "until all its accounts are Active")
    .action(acting("access add", finish, act));
  const remove = subcommand(access, {
    verb: "access remove",
    description: "shut AWS accounts out again",
    examples: ["access remove redis-kvs-12345 --aws-account-id 123456789012:role/gateway --app acme-app"],
  });
  withWaiting(withAccounts(remove, "an AWS account to shut out")).action(acting("access remove", finish, act));
};
