import type { Secret } from "../lib/secret.ts";
import type { ConnectionRef } from "./connection.ts";

export type Routing = "vti" | "policy";

/** One tunnel as it should be; `conn` names both its IKE_SA and its CHILD_SA. */
export interface DesiredTunnel {
  readonly conn: string;
  readonly ref: ConnectionRef;
  readonly index: 1 | 2;
  readonly routing: Routing;
  /** This gateway's own address, also its IKE identity. */
  readonly local: string;
  /** Heroku's VPN gateway, also its IKE identity. */
  readonly remote: string;
  readonly ikeVersion: 1 | 2;
  /** The space's block, which the routes lead to. */
  readonly spaceCidr: string;
  /** Traffic selectors, as CIDR texts: one each, because an AWS gateway allows one SA pair a tunnel. */
  readonly localTs: string;
  readonly remoteTs: string;
  readonly psk: Secret;
  readonly ikeProposal: string;
  readonly espProposal: string;
  readonly ikeLifetimeS: number;
  readonly childLifetimeS: number;
  readonly dpdDelayS: number;
  readonly dpdTimeoutS: number;
  /** vti only: the mark on its policies, which is also its link's key. */
  readonly mark?: number;
  /** vti only. */
  readonly link?: string;
  /** vti only: the firewall mark, and the number of the routing table, of packets that must take this tunnel. */
  readonly probeMark?: number;
}

/** A VTI link. `mtu` in bytes. */
export interface VtiLink {
  readonly name: string;
  readonly local: string;
  readonly remote: string;
  readonly key: number;
  readonly mtu: number;
}

/** An IPv4 route of the agent's; an unreachable one has no `dev`. */
export interface Route {
  readonly table: number;
  readonly dst: string;
  readonly dev?: string;
  readonly src?: string;
  readonly metric: number;
}

/** A rule that sends to `table` the packets with a firewall mark, or those that leave by a local TCP port. */
export type Rule =
  | { readonly kind: "mark"; readonly mark: number; readonly table: number }
  | { readonly kind: "tcp-port"; readonly port: number; readonly table: number };

/** `key` as in /proc/sys, with slashes: "net/ipv4/conf/sgvti16384/rp_filter". */
export interface Sysctl {
  readonly key: string;
  readonly value: string;
  /** Of the host, not of a link of the agent's: left alone where the kernel has none, or lets nobody write it. */
  readonly host?: true;
  /** A number that is raised to `value` and never lowered. */
  readonly atLeast?: true;
}

/** The whole host as it should be, except file texts, which rendering adds. Lists are sorted, so that equal inputs compare equal. */
export interface Desired {
  readonly installMode: "own" | "include";
  readonly tunnels: readonly DesiredTunnel[];
  readonly links: readonly VtiLink[];
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
  readonly sysctls: readonly Sysctl[];
  /** Whether the firewall is the agent's; what is in it follows from what stands on the host. */
  readonly firewall: boolean;
}

/** A rendered file; `content` may hold PSKs, `shown` is the same text with fingerprints in their place. */
export interface DesiredFile {
  readonly path: string;
  /** Permission bits, 0o600 for example. */
  readonly mode: number;
  readonly content: Secret;
  readonly shown: string;
  readonly role: "ipsec.conf" | "ipsec.secrets" | "strongswan.conf" | "include";
}
