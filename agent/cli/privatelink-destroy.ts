import type { AddCommand } from "./options.ts";
import { acting, type PrivatelinkOptions, subcommand } from "./privatelink-options.ts";
import { withWaiting } from "./waiting.ts";

export const addPrivatelinkDestroy: AddCommand<PrivatelinkOptions> = (parent, finish, act) => {
  const destroy = subcommand(parent, {
    verb: "destroy",
    description: "remove the PrivateLink for good, and wait until it is gone",
    examples: ["destroy redis-kvs-12345 --app acme-app", "destroy redis-kvs-12345 --app acme-app --confirm redis-kvs-12345"],
  });
  withWaiting(destroy)
    .option("--confirm <addon>", "the add-on's name, as confirmation where nobody can be asked")
    .action(acting("destroy", finish, act));
};
