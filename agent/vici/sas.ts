import { flagAt, hexAt, listAt, numberAt, sectionAt, sectionsOf, textAt, type ViciMessage } from "./message.ts";

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

const parseChildSa = (key: string, child: ViciMessage): ChildSa => ({
  name: textAt(child, "name") ?? key,
  uniqueId: numberAt(child, "uniqueid") ?? 0,
  reqId: numberAt(child, "reqid"),
  state: textAt(child, "state") ?? "",
  mode: textAt(child, "mode") ?? "",
  spiIn: textAt(child, "spi-in"),
  spiOut: textAt(child, "spi-out"),
  encap: flagAt(child, "encap"),
  bytesIn: numberAt(child, "bytes-in") ?? 0,
  bytesOut: numberAt(child, "bytes-out") ?? 0,
  packetsIn: numberAt(child, "packets-in") ?? 0,
  packetsOut: numberAt(child, "packets-out") ?? 0,
  useInS: numberAt(child, "use-in"),
  useOutS: numberAt(child, "use-out"),
  installS: numberAt(child, "install-time"),
  rekeyS: numberAt(child, "rekey-time"),
  lifeS: numberAt(child, "life-time"),
  localTs: listAt(child, "local-ts"),
  remoteTs: listAt(child, "remote-ts"),
  markIn: hexAt(child, "mark-in"),
  markOut: hexAt(child, "mark-out"),
});

const parseIkeSa = (name: string, ike: ViciMessage): IkeSa => ({
  name,
  uniqueId: numberAt(ike, "uniqueid") ?? 0,
  version: ike.version === "2" ? 2 : 1,
  state: textAt(ike, "state") ?? "",
  localHost: textAt(ike, "local-host") ?? "",
  localPort: numberAt(ike, "local-port"),
  remoteHost: textAt(ike, "remote-host") ?? "",
  remotePort: numberAt(ike, "remote-port"),
  localId: textAt(ike, "local-id") ?? "",
  remoteId: textAt(ike, "remote-id") ?? "",
  initiator: flagAt(ike, "initiator"),
  establishedS: numberAt(ike, "established"),
  rekeyS: numberAt(ike, "rekey-time"),
  reauthS: numberAt(ike, "reauth-time"),
  natLocal: flagAt(ike, "nat-local"),
  natRemote: flagAt(ike, "nat-remote"),
  natAny: flagAt(ike, "nat-any"),
  childSas: sectionsOf(sectionAt(ike, "child-sas")).map(([key, child]) => parseChildSa(key, child)),
});

/** The IKE_SAs in one message: a list-sa event, or the content of an updown event. */
export const parseIkeSas = (message: ViciMessage): IkeSa[] => sectionsOf(message).map(([name, ike]) => parseIkeSa(name, ike));

/** An ike-updown or child-updown event. Charon leaves the key `up` out when something went down. */
export const parseUpdown = (message: ViciMessage): { readonly up: boolean; readonly ikeSas: IkeSa[] } => ({
  up: flagAt(message, "up"),
  ikeSas: parseIkeSas(message),
});
