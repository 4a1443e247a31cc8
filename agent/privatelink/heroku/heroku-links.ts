import type { Secret } from "../../lib/secret.ts";
import type { HerokuLink, LinkTarget } from "../../model/privatelink.ts";

/** A data service as people name it: by its add-on's name, or by what it is attached as (REDIS, REDIS_URL). */
export type HerokuTarget = Extract<LinkTarget, { kind: "heroku" }>;

/** A connection string, which holds a password. */
export interface ConnectionUrl {
  /** The config var: REDIS_ENDPOINT_01C87AE3C05563935_URL. */
  readonly name: string;
  readonly url: Secret;
}

/**
 * Heroku's side of PrivateLinks. Throws SpacegateErrors: SOURCE_…, TOKEN_MISSING, HEROKU_REFUSED, and PRIVATELINK_NOT_FOUND and
 * PRIVATELINK_REFUSED for a target that is none.
 * What changes something takes its signal up to the moment of asking: a change that was asked for is not left half-way.
 */
export interface HerokuLinks {
  /** undefined: Heroku knows no PrivateLink of the add-on (yet, or any more). */
  describe(target: HerokuTarget, signal: AbortSignal): Promise<HerokuLink | undefined>;
  /** As Heroku answers, which is before anything is made. `accounts`: as `parseAccount` writes them. */
  create(target: HerokuTarget, accounts: readonly string[], signal: AbortSignal): Promise<HerokuLink>;
  addAccounts(target: HerokuTarget, accounts: readonly string[], signal: AbortSignal): Promise<void>;
  removeAccounts(target: HerokuTarget, accounts: readonly string[], signal: AbortSignal): Promise<void>;
  /** Resolves also when there is nothing to destroy. */
  destroy(target: HerokuTarget, signal: AbortSignal): Promise<void>;
  /** One for each attachment of the add-on, sorted by name; empty while Heroku has not made them yet. */
  connectionUrls(app: string, endpointId: string, signal: AbortSignal): Promise<readonly ConnectionUrl[]>;
}

/** "acme-app/redis-kvs-12345", for messages. */
export const targetKey = ({ app, addon }: HerokuTarget): string => `${app}/${addon}`;
