import type { Trouble } from "./trouble.ts";

/* PrivateLink's vocabulary. Every state is an open enum: what is not known yet is shown as it came. */

/** What the far end of a link speaks. */
export type LinkProtocol = "redis" | "postgres" | "kafka" | "https" | "tcp";

/** The far end of a link: a data service of Heroku's, or a service by its name. */
export type LinkTarget =
  | { readonly kind: "heroku"; readonly app: string; readonly addon: string }
  | { readonly kind: "service"; readonly serviceName: string };

/** One link as its owner wants it; `plan` makes it from the settings or from a command's options. */
export interface LinkWanted {
  /** Unique on this gateway; also the value of the tag that marks what the agent made. */
  readonly name: string;
  readonly target: LinkTarget;
  readonly type: "Interface" | "Gateway";
  readonly region: string;
  readonly vpcId: string;
  /** Interface: an endpoint's network interface is put into each. */
  readonly subnetIds: readonly string[];
  /** Gateway: the route tables that lead to the service. */
  readonly routeTableIds: readonly string[];
  /** Who may connect, as CIDR texts. */
  readonly allowedCidrs: readonly string[];
  readonly protocol: LinkProtocol;
  readonly port: number;
  readonly privateDns: boolean;
  /** An endpoint policy as JSON text; absent: full access. */
  readonly policy?: string;
  /** The accounts Heroku lets in, as it writes them: ID, ID:user/NAME, ID:role/NAME or ID:root. */
  readonly allowedAccounts: readonly string[];
}

/**
 * Heroku's side of a link. Source: Heroku Data API, GET /private-link/v0/databases/{addon}.
 * `serviceName` is "" while it is provisioned.
 */
export interface HerokuLink {
  readonly app: string;
  readonly addon: { readonly name: string; readonly uuid: string };
  /** Provisioning, Operational, Deprovisioning, Deprovisioned or anything newer. */
  readonly status: string;
  readonly serviceName: string;
  readonly allowedAccounts: readonly { readonly accountId: string; readonly arn: string; readonly status: string }[];
  readonly connections: readonly HerokuLinkConnection[];
}

export interface HerokuLinkConnection {
  readonly endpointId: string;
  readonly hostname: string;
  readonly ownerArn: string;
  readonly status: string;
}

/** A VPC endpoint. Source: EC2, DescribeVpcEndpoints and DescribeNetworkInterfaces. */
export interface Endpoint {
  readonly id: string;
  readonly type: string;
  readonly vpcId: string;
  readonly serviceName: string;
  /** pendingAcceptance, pending, available, rejected, expired, failed, deleting, deleted or anything newer. */
  readonly state: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly routeTableIds: readonly string[];
  readonly privateDns: boolean;
  /** The names that the service gave it, the one for all zones first. */
  readonly dnsNames: readonly string[];
  /** Private addresses of its network interfaces. */
  readonly addresses: readonly string[];
  readonly policy: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch; null when AWS does not say. */
  readonly createdAt: number | null;
  readonly lastError: string | null;
}

/** What the tag on everything that the agent makes in AWS is called; its value is the link's name. */
export const LINK_TAG = "spacegate:link";

/** Which way a name leads: through the endpoint, to a public address, or nowhere. */
export type DnsVerdict = "endpoint" | "internet" | "nowhere";

/** One look at whether a link carries. Times are milliseconds, RTTs of one exchange each. */
export interface LinkProof {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly hostname: string;
  readonly dns: DnsVerdict;
  readonly addresses: readonly string[];
  /** Those of them that take no TCP connection. */
  readonly silent: readonly string[];
  /** null: not come to it. */
  readonly tcp: boolean | null;
  readonly hello: boolean | null;
  /** What the hello's answer proves, in words; "" without one. */
  readonly said: string;
  readonly rttMs: number | null;
  /** Milliseconds since the epoch; null without TLS. */
  readonly certificateExpiresAt: number | null;
  /** Why it does not carry; null when it does. */
  readonly trouble: Trouble | null;
}

export type LinkHealth = "starting" | "provisioning" | "ok" | "degraded" | "down";

/** One declared link in the status snapshot. */
export interface LinkStatus {
  readonly name: string;
  readonly status: LinkHealth;
  readonly target: LinkTarget;
  readonly protocol: LinkProtocol;
  readonly port: number;
  readonly region: string;
  /** Heroku's state; "" for a link to a service by its name. */
  readonly herokuStatus: string;
  readonly serviceName: string;
  readonly endpointId: string;
  /** AWS's state of the endpoint; "" while there is none. */
  readonly endpointState: string;
  /** Milliseconds since the epoch when `status` last changed. */
  readonly since: number;
  readonly proof: LinkProof | null;
  /** What stands in the way now, the most telling first. */
  readonly troubles: readonly (Trouble & { readonly code: string })[];
}
