import type { WireObject } from "./state.ts";

/** A data service of an app. */
export interface StandInAddon {
  readonly app: string;
  readonly name: string;
  readonly uuid: string;
  /** "heroku-redis:private-3" */
  readonly plan: string;
  /** What it is attached as: ["REDIS"]. */
  readonly attachments: readonly string[];
  /** Its connection string, with HOST in the host's place: "redis://u:secret@HOST:6379". */
  readonly url: string;
  /** Of its PrivateLink; absent: one made of the name. */
  readonly serviceName?: string;
}

/** One PrivateLink, as it was asked for. Times: milliseconds since the epoch. */
export interface StandInLink {
  readonly madeAt: number;
  readonly removedAt?: number;
  readonly accounts: readonly { readonly account: string; readonly addedAt: number }[];
  readonly endpoints: readonly StandInEndpoint[];
}

/** A VPC endpoint that was made for the link's service. */
export interface StandInEndpoint {
  readonly endpointId: string;
  /** The name that config vars give out. */
  readonly hostname: string;
  readonly ownerArn: string;
  readonly createdAt: number;
  /** Heroku turns it away, now or after it was available. */
  readonly rejected?: boolean;
}

/** How long each state lasts; milliseconds. */
export interface LinkTimes {
  /** After POST, while GET knows nothing. */
  readonly invisibleMs: number;
  /** Provisioning, with no service name. */
  readonly provisioningMs: number;
  /** Operational, until a new account is Active. */
  readonly accountMs: number;
  /** An endpoint's, until it is accepted. */
  readonly acceptMs: number;
  /** From then until the config var is there. */
  readonly configVarMs: number;
  readonly deprovisioningMs: number;
  /** Deprovisioned, and still not gone. */
  readonly deprovisionedMs: number;
}

/** What the stand-in knows of data services; all of it may be absent. */
export interface DataState {
  readonly addons?: readonly StandInAddon[];
  /** By the add-on's name. */
  readonly links?: Record<string, StandInLink>;
  readonly linkTimes?: Partial<LinkTimes>;
  /** By the app's name: what is there beside the data services' own. */
  readonly configVars?: Record<string, Record<string, string>>;
  /** Put over what GET would show of a link: states that nobody knows yet, failures, nonsense. */
  readonly linkShown?: WireObject;
  /** Put over each of its accounts. */
  readonly accountShown?: WireObject;
  /** What POST answers where a link is already; absent: 409. */
  readonly linkConflict?: 409 | 422;
}
