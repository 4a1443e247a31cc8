import { listAt, numberAt, sectionAt, sectionsOf, textAt, type ViciMessage } from "./message.ts";

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

const VERSIONS = new Map<string | undefined, 1 | 2>([
  ["IKEv1", 1],
  ["IKEv2", 2],
]);

/** The identity of the first authentication round: `local-1`, `remote-1`. */
const identity = (conn: ViciMessage, side: "local" | "remote"): string | undefined => textAt(sectionAt(conn, `${side}-1`), "id");

const parseChild = (child: ViciMessage): ConnChild => ({
  mode: textAt(child, "mode") ?? "",
  localTs: listAt(child, "local-ts"),
  remoteTs: listAt(child, "remote-ts"),
  dpdAction: textAt(child, "dpd_action") ?? "",
  closeAction: textAt(child, "close_action") ?? "",
  rekeyS: numberAt(child, "rekey_time"),
});

const parseConn = (name: string, conn: ViciMessage): Conn => ({
  name,
  localAddrs: listAt(conn, "local_addrs"),
  remoteAddrs: listAt(conn, "remote_addrs"),
  version: VERSIONS.get(textAt(conn, "version")),
  localId: identity(conn, "local"),
  remoteId: identity(conn, "remote"),
  dpdDelayS: numberAt(conn, "dpd_delay"),
  dpdTimeoutS: numberAt(conn, "dpd_timeout"),
  rekeyS: numberAt(conn, "rekey_time"),
  reauthS: numberAt(conn, "reauth_time"),
  children: new Map(sectionsOf(sectionAt(conn, "children")).map(([child, section]) => [child, parseChild(section)])),
});

/** The conns in one list-conn event. */
export const parseConns = (message: ViciMessage): Conn[] => sectionsOf(message).map(([name, conn]) => parseConn(name, conn));
