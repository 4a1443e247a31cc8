import type { Command } from "commander";
import type { Finish } from "./options.ts";
import { addPrivatelinkInfo } from "./privatelink-info.ts";
import type { PrivatelinkOptions } from "./privatelink-options.ts";

/** What the subcommands of `privatelink` do; each resolves with the exit code. */
export interface PrivatelinkActions {
  /** Heroku's side: create, info, wait, access, destroy. */
  privatelink(options: PrivatelinkOptions): Promise<number>;
}

/** A subcommand is a file privatelink-NAME.ts; the help shows them in the order in which they are needed. */
export const addPrivatelink = (program: Command, finish: Finish, actions: PrivatelinkActions): void => {
  const parent = program.command("privatelink").description("data services over AWS PrivateLink, which the VPN does not reach");
  addPrivatelinkInfo(parent, finish, actions.privatelink);
};
