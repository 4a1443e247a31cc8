import type { AddCommand } from "./options.ts";
import { acting, type PrivatelinkOptions, subcommand, withAccounts } from "./privatelink-options.ts";
import { withWaiting } from "./waiting.ts";

export const addPrivatelinkWait: AddCommand<PrivatelinkOptions> = (parent, finish, act) => {
  const wait = subcommand(parent, {
    verb: "wait",
    description: "wait until the PrivateLink is Operational and all its accounts are Active",
    examples: ["wait redis-kvs-12345 --app acme-app --timeout 30m"],
  });
  withWaiting(withAccounts(wait, "an AWS account that must be among them")).action(acting("wait", finish, act));
};
