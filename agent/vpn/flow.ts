import { type Confirmation, confirmName } from "../lib/confirm.ts";
import { SpacegateError } from "../lib/errors.ts";
import { type Look, type WaitDeps, waitFor as wait } from "../lib/flow.ts";
import { type ConnectionRef, connectionKey } from "../model/connection.ts";
import type { HerokuVpn, Wanted } from "./heroku-vpn.ts";

export type Verb = "connect" | "wait" | "info" | "rotate" | "destroy";

/** What every flow works with. */
export interface FlowDeps extends WaitDeps {
  readonly heroku: HerokuVpn;
  /** Between two questions to Heroku. */
  readonly pollMs: number;
  /** The exact command that goes on: `command("wait", ref)`. */
  readonly command: (verb: Verb, ref: ConnectionRef, wanted?: Wanted) => string;
}

/** As lib's; rejects with VPN_TIMEOUT. */
export const waitFor = <T>(
  waiting: { readonly what: string; readonly pollMs: number },
  look: () => Promise<Look<T>>,
  deps: FlowDeps,
): Promise<T> => wait({ ...waiting, tooLate: "VPN_TIMEOUT" }, look, deps);

/** Throws VPN_REFUSED or OPTION_MISSING. */
export const confirmConnection = (name: string, confirmation: Confirmation): Promise<void> =>
  confirmName({ name, what: "the connection's name", refused: "VPN_REFUSED" }, confirmation);

/** Where a connection is not what was expected. */
export const refuse = (message: string, fix: string): SpacegateError => new SpacegateError("VPN_REFUSED", message, { fix });

export const unknownConnection = (ref: ConnectionRef, others: readonly { readonly name: string }[]): SpacegateError =>
  new SpacegateError("SOURCE_NOT_FOUND", `Heroku knows no VPN connection ${connectionKey(ref)}`, {
    fix:
      others.length > 0
        ? `${ref.space} has the VPN connection ${others.map(({ name }) => name).join(", ")}.`
        : `${ref.space} has none; \`spacegate vpn connect\` makes one.`,
  });
