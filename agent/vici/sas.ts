import { flagAt, hexAt, listAt, numberAt, sectionAt, sectionsOf, textAt } from "./message.ts";
import type { ChildSa, IkeSa, ViciMessage } from "./types.ts";

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

/** The CHILD_SAs that a child-rekey event says were replaced, with their last counters. */
export const parseReplacedChildren = (message: ViciMessage): ChildSa[] =>
  sectionsOf(message).flatMap(([, ike]) =>
    sectionsOf(sectionAt(ike, "child-sas")).map(([key, pair]) => parseChildSa(key, sectionAt(pair, "old"))),
  );
