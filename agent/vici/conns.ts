import { listAt, numberAt, sectionAt, sectionsOf, textAt } from "./message.ts";
import type { Conn, ConnChild, ViciMessage } from "./types.ts";

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
