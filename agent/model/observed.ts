import type { Secret } from "../lib/secret.ts";
import type { Route, Rule, VtiLink } from "./desired.ts";
import type { FirewallMemory, ObservedFirewall } from "./firewall.ts";

/** One CHILD_SA that charon holds. Counters count since its last rekey. */
export interface ObservedChild {
  readonly name: string;
  readonly uniqueId: number;
  /** INSTALLED, REKEYING, REKEYED, INSTALLING, CREATED, … */
  readonly state: string;
  readonly spiIn?: string | undefined;
  readonly spiOut?: string | undefined;
  readonly encap: boolean;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  /** Seconds since the last packet came in; undefined when none has. */
  readonly useInS?: number | undefined;
  /** Seconds since the last packet went out; undefined when none has. */
  readonly useOutS?: number | undefined;
  /** Seconds since it was installed. */
  readonly installS?: number | undefined;
  /** Seconds until charon renews it, and until it ends. */
  readonly rekeyS?: number | undefined;
  readonly lifeS?: number | undefined;
  readonly localTs: readonly string[];
  readonly remoteTs: readonly string[];
  /** The mark on its policies; undefined without one, and where charon does not tell. */
  readonly markIn?: number | undefined;
}

/** One IKE_SA that charon holds. */
export interface ObservedIke {
  readonly name: string;
  readonly uniqueId: number;
  readonly version: 1 | 2;
  /** CONNECTING, ESTABLISHED, REKEYING, DELETING, … */
  readonly state: string;
  readonly localHost: string;
  readonly remoteHost: string;
  /** Seconds since it was established; undefined until then. */
  readonly establishedS?: number | undefined;
  /** Seconds until charon renews it (IKEv2), or authenticates anew (IKEv1). */
  readonly rekeyS?: number | undefined;
  readonly reauthS?: number | undefined;
  /** This gateway started it; where charon does not tell, this and the next three are undefined. */
  readonly initiator?: boolean | undefined;
  readonly natLocal?: boolean | undefined;
  readonly natRemote?: boolean | undefined;
  readonly natAny?: boolean | undefined;
  readonly childSas: readonly ObservedChild[];
}

/** One conn that charon has loaded; `version` is undefined when it takes both. */
export interface ObservedConn {
  readonly name: string;
  readonly version?: 1 | 2 | undefined;
  readonly localAddrs: readonly string[];
  readonly remoteAddrs: readonly string[];
  readonly children: ReadonlyMap<string, { readonly localTs: readonly string[]; readonly remoteTs: readonly string[] }>;
}

/** charon's side of the host; `absent` says why it could not be asked. */
export type ObservedCharon =
  | {
      readonly kind: "running";
      readonly version: string;
      readonly via: "vici" | "statusall";
      /** Milliseconds since the epoch, from the same clock as files' `modifiedAt`; undefined when it is not known. */
      readonly startedAt?: number;
      readonly conns: readonly ObservedConn[];
      readonly sas: readonly ObservedIke[];
    }
  | { readonly kind: "absent"; readonly why: string };

export interface ObservedFile {
  readonly content: Secret;
  readonly mode: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/** The kernel's side of the host, as far as it is the agent's. */
export interface ObservedNetwork {
  readonly links: readonly VtiLink[];
  /** Links that are there but not up, or without an address, by name. */
  readonly linksDown: readonly string[];
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
  /** By key; absent keys do not exist, or, of the host's, cannot be written. */
  readonly sysctls: Readonly<Record<string, string>>;
}

/**
 * What the agent remembers of the charon that runs now; it dies with a reboot, as charon does.
 * Hashes and fingerprints are keyed: they tell nothing about a PSK.
 */
export interface Ledger {
  /** Fingerprints of the texts that charon was last told to load. */
  readonly loaded: Readonly<Record<string, string>>;
  /** By conn: fingerprint of the PSK that its present SAs were authenticated with. */
  readonly authenticated: Readonly<Record<string, string>>;
}

export interface Observed {
  /** By path; a path that is missing here is missing on the host. */
  readonly files: Readonly<Record<string, ObservedFile>>;
  readonly network: ObservedNetwork;
  readonly charon: ObservedCharon;
  readonly ledger: Ledger;
  readonly firewall: ObservedFirewall;
  /** undefined when the agent has loaded no table since the host started. */
  readonly firewallMemory: FirewallMemory | undefined;
}

/** What planning must know of the host before it can say what is desired. */
export interface HostFacts {
  /** True where the kernel can do ESP and VTI. */
  readonly vti: boolean;
  /** The address that the route towards a VPN gateway uses, by VPN gateway address; absent when there is no route. */
  readonly sourceAddress: Readonly<Record<string, string>>;
  /** Every IPv4 address of this host, without loopback. */
  readonly addresses: readonly string[];
  /** The device of each of those addresses. */
  readonly devices: Readonly<Record<string, string>>;
  /** Of this host; 0 where it means nothing. */
  readonly memoryBytes: number;
}
