import type { Command } from "commander";
import type { Finish } from "./options.ts";
import { addPrivatelinkAccess } from "./privatelink-access.ts";
import { addPrivatelinkConnect, type ConnectOptions } from "./privatelink-connect.ts";
import { addPrivatelinkCreate } from "./privatelink-create.ts";
import { addPrivatelinkDestroy } from "./privatelink-destroy.ts";
import { addPrivatelinkDisconnect, type DisconnectOptions } from "./privatelink-disconnect.ts";
import { addPrivatelinkInfo } from "./privatelink-info.ts";
import type { PrivatelinkOptions } from "./privatelink-options.ts";
import { addPrivatelinkPolicy, type PolicyOptions } from "./privatelink-policy.ts";
import { addPrivatelinkPublishRds, type PublishRdsOptions } from "./privatelink-publish-rds.ts";
import { addPrivatelinkWait } from "./privatelink-wait.ts";

/** What the subcommands of `privatelink` do; each resolves with the exit code. */
export interface PrivatelinkActions {
  /** Heroku's side: create, info, wait, access, destroy. */
  privatelink(options: PrivatelinkOptions): Promise<number>;
  /** AWS's side: an endpoint in a VPC, and the permissions that this needs. */
  privatelinkConnect(options: ConnectOptions): Promise<number>;
  privatelinkDisconnect(options: DisconnectOptions): Promise<number>;
  privatelinkPolicy(options: PolicyOptions): Promise<number>;
  /** The other way round: a database of one's own for a partner. */
  privatelinkPublishRds(options: PublishRdsOptions): Promise<number>;
}

/** A subcommand is a file privatelink-NAME.ts; the help shows them in the order in which they are needed. */
export const addPrivatelink = (program: Command, finish: Finish, actions: PrivatelinkActions): void => {
  const parent = program.command("privatelink").description("data services over AWS PrivateLink, which the VPN does not reach");
  addPrivatelinkCreate(parent, finish, actions.privatelink);
  addPrivatelinkWait(parent, finish, actions.privatelink);
  addPrivatelinkInfo(parent, finish, actions.privatelink);
  addPrivatelinkAccess(parent, finish, actions.privatelink);
  addPrivatelinkConnect(parent, finish, actions.privatelinkConnect);
  addPrivatelinkDisconnect(parent, finish, actions.privatelinkDisconnect);
  addPrivatelinkPolicy(parent, finish, actions.privatelinkPolicy);
  addPrivatelinkDestroy(parent, finish, actions.privatelink);
  addPrivatelinkPublishRds(parent, finish, actions.privatelinkPublishRds);
};
