import type { AddCommand } from "./options.ts";
import { acting, type PrivatelinkOptions, subcommand, withAccounts } from "./privatelink-options.ts";
import { withWaiting } from "./waiting.ts";

export const addPrivatelinkCreate: AddCommand<PrivatelinkOptions> = (parent, finish, act) => {
  const create = subcommand(parent, {
    verb: "create",
    description: "have Heroku make a data service's PrivateLink, for the AWS accounts that may connect to it",
    examples: [
      "create redis-kvs-12345 --aws-account-id 123456789012:user/abc --app acme-app",
      "create --addon redis-kvs-12345 --account 123456789012 --app acme-app --wait --json",
    ],
  });
  withWaiting(withAccounts(create, "an AWS account to let in"))
    .option("--wait", "until the PrivateLink is Operational and all its accounts are Active")
    .action(acting("create", finish, act));
};
