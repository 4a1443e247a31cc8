import { createHash } from "node:crypto";
import type { DataState, LinkTimes, StandInAddon, StandInEndpoint, StandInLink } from "./heroku-data-state.ts";
import type { WireObject } from "./state.ts";

const DEFAULTS: LinkTimes = {
  invisibleMs: 300,
  provisioningMs: 1500,
  accountMs: 500,
  acceptMs: 1000,
  configVarMs: 500,
  deprovisioningMs: 1000,
  deprovisionedMs: 500,
};

const timesOf = ({ linkTimes }: DataState): LinkTimes => ({ ...DEFAULTS, ...linkTimes });

export const serviceNameOf = ({ name, serviceName }: StandInAddon): string =>
  serviceName ?? `com.amazonaws.vpce.us-east-1.vpce-svc-0${createHash("sha256").update(name).digest("hex").slice(0, 16)}`;

/** Where a link is in its life; undefined while nobody can see it yet, and when it is gone. */
export const statusAt = (state: DataState, { madeAt, removedAt }: StandInLink, now: number): string | undefined => {
  const times = timesOf(state);
  if (removedAt !== undefined) {
    if (now - removedAt < times.deprovisioningMs) return "Deprovisioning";
    return now - removedAt < times.deprovisioningMs + times.deprovisionedMs ? "Deprovisioned" : undefined;
  }
  if (now - madeAt < times.invisibleMs) return undefined;
  return now - madeAt < times.invisibleMs + times.provisioningMs ? "Provisioning" : "Operational";
};

/** Removed, and long enough ago. */
export const isGone = (state: DataState, link: StandInLink, now: number): boolean =>
  link.removedAt !== undefined && statusAt(state, link, now) === undefined;

export const arnOf = (account: string): string => `arn:aws:iam::${account.includes(":") ? account : `${account}:root`}`;

const accountStatus = (state: DataState, { madeAt }: StandInLink, addedAt: number, now: number): string => {
  const { invisibleMs, provisioningMs, accountMs } = timesOf(state);
  return now >= Math.max(addedAt, madeAt + invisibleMs + provisioningMs) + accountMs ? "Active" : "Provisioning";
};

/** Whose accounts may make endpoints, as ARNs. */
export const activeArns = (state: DataState, link: StandInLink, now: number): readonly string[] =>
  link.accounts
    .filter(({ addedAt }) => accountStatus(state, link, addedAt, now) === "Active")
    .map(({ account }) => arnOf(account));

export type EndpointState = "pendingAcceptance" | "available" | "rejected";

/** What Heroku has made of an endpoint. */
export const endpointStateAt = (state: DataState, link: StandInLink, endpoint: StandInEndpoint, now: number): EndpointState => {
  if (endpoint.rejected || link.removedAt !== undefined) return "rejected";
  return now - endpoint.createdAt < timesOf(state).acceptMs ? "pendingAcceptance" : "available";
};

/** The config var of the endpoint is there. */
export const hasConfigVar = (state: DataState, link: StandInLink, endpoint: StandInEndpoint, now: number): boolean =>
  endpointStateAt(state, link, endpoint, now - timesOf(state).configVarMs) === "available";

const WORDS: Readonly<Record<EndpointState, string>> = {
  pendingAcceptance: "PendingAcceptance",
  available: "Available",
  rejected: "Rejected",
};

/** The link as Heroku would show it at `now`; undefined while it is not there yet, or not any more. */
export const linkAt = (state: DataState, addon: StandInAddon, now: number): WireObject | undefined => {
  const link = state.links?.[addon.name];
  const status = link && statusAt(state, link, now);
  if (!link || status === undefined) return undefined;
  return {
    app: { name: addon.app },
    addon: { name: addon.name, uuid: addon.uuid },
    status,
    service_name: status === "Provisioning" ? "" : serviceNameOf(addon),
    allowed_accounts: link.accounts.map(({ account, addedAt }) => ({
      account_id: account,
      arn: arnOf(account),
      status: accountStatus(state, link, addedAt, now),
      ...state.accountShown,
    })),
    connections: link.endpoints.map((endpoint) => ({
      endpoint_id: endpoint.endpointId,
      hostname: endpoint.hostname,
      owner_arn: endpoint.ownerArn,
      status: WORDS[endpointStateAt(state, link, endpoint, now)],
    })),
    ...state.linkShown,
  };
};
