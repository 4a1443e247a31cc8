/**
 * One VICI message, or one section in it: charon's only data type. Every value is text, also numbers ("42") and truth ("yes").
 * Sections and keys keep charon's order, except that names that look like array indexes ("7") come first, as in every object.
 */
export type ViciMessage = { readonly [key: string]: ViciValue };
export type ViciValue = string | readonly string[] | ViciMessage;

/** One CHILD_SA, as list-sas and the updown events describe it. What charon left out is undefined, or "" or 0 where that says it. */
export interface ChildSa {
  /** The child's name in the configuration; with ipsec.conf it is the conn's. */
  readonly name: string;
  /** Charon's number for this very SA: `vpn1{7}` has 7. A rekey makes a new one. */
  readonly uniqueId: number;
  readonly reqId?: number | undefined;
  /** INSTALLED carries packets; CREATED, ROUTED, INSTALLING, UPDATING, REKEYING, REKEYED, RETRYING, DELETING, DELETED, DESTROYING. */
  readonly state: string;
  /** TUNNEL, TRANSPORT, BEET. */
  readonly mode: string;
  /** Hexadecimal, as `ip xfrm state` shows them (without 0x). */
  readonly spiIn?: string | undefined;
  readonly spiOut?: string | undefined;
  /** ESP in UDP (NAT traversal). */
  readonly encap: boolean;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  /** Seconds since the last packet; undefined when there was none. */
  readonly useInS?: number | undefined;
  readonly useOutS?: number | undefined;
  /** Seconds since it was installed. */
  readonly installS?: number | undefined;
  /** Seconds until charon renews it; until it ends. */
  readonly rekeyS?: number | undefined;
  readonly lifeS?: number | undefined;
  readonly localTs: readonly string[];
  readonly remoteTs: readonly string[];
  readonly markIn?: number | undefined;
  readonly markOut?: number | undefined;
}

/** One IKE_SA with its CHILD_SAs. */
export interface IkeSa {
  /** The conn's name. Several IKE_SAs may share it, for instance during a reauthentication: `uniqueId` tells them apart. */
  readonly name: string;
  readonly uniqueId: number;
  readonly version: 1 | 2;
  /** ESTABLISHED is up; CREATED, CONNECTING, PASSIVE, REKEYING, REKEYED, DELETING, DESTROYING. */
  readonly state: string;
  readonly localHost: string;
  readonly localPort?: number | undefined;
  readonly remoteHost: string;
  readonly remotePort?: number | undefined;
  /** Identities; "%any" until the peer is authenticated. */
  readonly localId: string;
  readonly remoteId: string;
  /** This gateway started it. */
  readonly initiator: boolean;
  /** Seconds since it was established; undefined before that. */
  readonly establishedS?: number | undefined;
  /** Seconds until charon renews it (IKEv2) or authenticates anew (IKEv1). */
  readonly rekeyS?: number | undefined;
  readonly reauthS?: number | undefined;
  readonly natLocal: boolean;
  readonly natRemote: boolean;
  readonly natAny: boolean;
  readonly childSas: readonly ChildSa[];
}

export interface ConnChild {
  /** TUNNEL, TRANSPORT, … */
  readonly mode: string;
  readonly localTs: readonly string[];
  readonly remoteTs: readonly string[];
  /** charon's words, not ipsec.conf's: "start" is dpdaction=restart. */
  readonly dpdAction: string;
  readonly closeAction: string;
  /** Seconds; 0 means never. */
  readonly rekeyS?: number | undefined;
}

/** A loaded conn, as list-conns describes it. It says nothing of proposals, keyingtries and marks. */
export interface Conn {
  readonly name: string;
  readonly localAddrs: readonly string[];
  readonly remoteAddrs: readonly string[];
  /** Undefined when the conn accepts both. */
  readonly version?: 1 | 2 | undefined;
  readonly localId?: string | undefined;
  readonly remoteId?: string | undefined;
  /** Seconds; undefined when DPD is off. */
  readonly dpdDelayS?: number | undefined;
  readonly dpdTimeoutS?: number | undefined;
  /** Seconds until an IKE_SA is renewed (IKEv2) or authenticates anew (IKEv1); 0 means never. */
  readonly rekeyS?: number | undefined;
  readonly reauthS?: number | undefined;
  /** By the child's name. */
  readonly children: ReadonlyMap<string, ConnChild>;
}

export interface Version {
  /** "charon", or "charon-systemd". */
  readonly daemon: string;
  /** "5.9.8" */
  readonly version: string;
}

export interface Stats {
  /** For people: "4 seconds", and "Nov 22 11:18:06 2026" in charon's local time. */
  readonly running: string;
  readonly since: string;
  readonly ikeSas: number;
  readonly halfOpen: number;
  readonly plugins: readonly string[];
}

/** Names by kind ("encryption", "integrity", "prf", "dh", …), as charon spells them: "AES_CBC", "MODP_2048". */
export type Algorithms = ReadonlyMap<string, readonly string[]>;

/** Which SAs a command means: all of a name, or the one with a unique id. */
export type Target =
  | { readonly ike: string }
  | { readonly ikeId: number }
  | { readonly child: string }
  | { readonly childId: number };

export interface InitiateOptions {
  /** The conn; without it the first one that has the child. */
  readonly ike?: string;
  readonly child: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** charon's log lines about this attempt. */
  readonly onLog?: (line: string) => void;
}

export type TerminateOptions = Target & {
  /** Do not wait for the peer's answer: a dead one gives none. */
  readonly force?: boolean;
  readonly timeoutMs: number;
};

export type RekeyOptions = Target & { /** IKEv2: authenticate anew. IKEv1 always does. */ readonly reauth?: boolean };
