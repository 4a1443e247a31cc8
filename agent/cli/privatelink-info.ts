import type { AddCommand } from "./options.ts";
import { acting, type PrivatelinkOptions, subcommand } from "./privatelink-options.ts";

export const addPrivatelinkInfo: AddCommand<PrivatelinkOptions> = (parent, finish, act) => {
  subcommand(parent, {
    verb: "info",
    description: "show a data service's PrivateLink as Heroku has it: service name, who may connect, who is connected",
    examples: ["info redis-kvs-12345 --app acme-app", "info REDIS_URL --app acme-app --json"],
  })
    .option("--show-url", "also print each endpoint's connection string, WITH ITS PASSWORD, from the app's config vars")
    .action(acting("info", finish, act));
};
