import type { ChildSa, IkeSa } from "../vici/types.ts";

/** What `ipsec statusall` tells. Times are rounded down to its largest unit ("7 hours"), ports and marks are not in it. */
export interface Statusall {
  /** strongSwan's version; undefined when the text is not statusall's, for instance empty because charon is dead. */
  readonly version: string | undefined;
  /** Names of the loaded conns. */
  readonly conns: readonly string[];
  readonly ikeSas: readonly IkeSa[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type ChildDraft = Mutable<ChildSa>;
type IkeDraft = Mutable<Omit<IkeSa, "childSas">> & { childSas: ChildDraft[] };
type Section = "" | "Connections" | "Security Associations";

const UNIT_S = new Map(Object.entries({ second: 1, minute: 60, hour: 3600, day: 86_400 }));

// Every repetition is bounded or followed by something that it cannot match, so that garbage takes linear time.
const DAEMON = /^Status of IKE charon daemon \(\w{0,4}strongSwan ([\w.]{1,40})/;
const SECTION = /^(Connections|Security Associations|[A-Z][\w ]{1,40})(?: \([^)]{0,80}\))?:$/;
const CONN = /^([^\s:[\]{}]+): {2,}\S/;
const SA_LINE = /^([^\s[\]{}]+)(?:\[(\d{1,10})\]|\{(\d{1,10})\}): +(.*)$/;
const IKE_STATE = /^([A-Z]+)(?: (\d{1,10}) (\w{1,10}) ago)?, (.*)$/;
const IKE_SPIS = /^IKEv([12]) SPIs: [0-9a-f]{16}_i(\*?) /;
const CHILD_STATE = /^([A-Z]+), ([A-Z_]+)(?:, reqid (\d{1,10}))?/;
const CHILD_SPIS = /\b([0-9a-f]{8})_i ([0-9a-f]{8})_o\b/;
const BYTES_IN = /\b(\d{1,20}) bytes_i(?: \((\d{1,20}) pkts?, (\d{1,10})s ago\))?/;
const BYTES_OUT = /\b(\d{1,20}) bytes_o(?: \((\d{1,20}) pkts?, (\d{1,10})s ago\))?/;
const REKEY = /\brekeying in (\d{1,10}) (\w{1,10})/;
const REAUTH = /\breauthentication in (\d{1,10}) (\w{1,10})/;
const EXPIRES = /\bexpires in (\d{1,10}) (\w{1,10})/;

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

/** "7", "hours" in seconds. */
const secondsOf = (count: string | undefined, unit: string | undefined): number | undefined => {
  const factor = UNIT_S.get(unit?.replace(/s$/, "") ?? "");
  return count === undefined || factor === undefined ? undefined : Number(count) * factor;
};

const secondsIn = (text: string, pattern: RegExp): number | undefined => {
  const match = pattern.exec(text);
  return secondsOf(match?.[1], match?.[2]);
};

/** "203.0.113.10[203.0.113.10]...34.203.187.158[vpn.example]": hosts with identities, which may hold any character. */
const parseEnds = (text: string): Pick<IkeSa, "localHost" | "localId" | "remoteHost" | "remoteId"> => {
  const middle = text.indexOf("]...");
  const [local, remote] = middle < 0 ? [text, ""] : [text.slice(0, middle), text.slice(middle + 4).replace(/\]$/, "")];
  const split = (end: string): [string, string] => {
    const bracket = end.indexOf("[");
    return bracket < 0 ? [end, ""] : [end.slice(0, bracket), end.slice(bracket + 1)];
  };
  const [[localHost, localId], [remoteHost, remoteId]] = [split(local), split(remote)];
  return { localHost, localId, remoteHost, remoteId };
};

const newIke = (name: string, uniqueId: number, match: RegExpExecArray): IkeDraft => ({
  name,
  uniqueId,
  version: 1,
  state: match[1] ?? "",
  ...parseEnds(match[4] ?? ""),
  initiator: false,
  establishedS: secondsOf(match[2], match[3]),
  natLocal: false,
  natRemote: false,
  natAny: false,
  childSas: [],
});

const newChild = (name: string, uniqueId: number, match: RegExpExecArray, text: string): ChildDraft => {
  const spis = CHILD_SPIS.exec(text);
  return {
    name,
    uniqueId,
    reqId: numberOf(match[3]),
    state: match[1] ?? "",
    mode: match[2] ?? "",
    spiIn: spis?.[1],
    spiOut: spis?.[2],
    encap: text.includes(" in UDP SPIs: "),
    bytesIn: 0,
    bytesOut: 0,
    packetsIn: 0,
    packetsOut: 0,
    lifeS: secondsIn(text, EXPIRES),
    localTs: [],
    remoteTs: [],
  };
};

const readIkeDetail = (ike: IkeDraft, text: string): void => {
  const spis = IKE_SPIS.exec(text);
  if (!spis) return;
  ike.version = spis[1] === "2" ? 2 : 1;
  ike.initiator = spis[2] === "*";
  ike.rekeyS = secondsIn(text, REKEY);
  ike.reauthS = secondsIn(text, REAUTH);
};

const readCounters = (child: ChildDraft, text: string): void => {
  const [received, sent] = [BYTES_IN.exec(text), BYTES_OUT.exec(text)];
  child.bytesIn = Number(received?.[1] ?? 0);
  child.packetsIn = Number(received?.[2] ?? 0);
  child.useInS = numberOf(received?.[3]);
  child.bytesOut = Number(sent?.[1] ?? 0);
  child.packetsOut = Number(sent?.[2] ?? 0);
  child.useOutS = numberOf(sent?.[3]);
  child.rekeyS = secondsIn(text, REKEY);
};

const readChildDetail = (child: ChildDraft, text: string): void => {
  const [local, remote] = text.split(" === ");
  if (local !== undefined && remote !== undefined) {
    child.localTs = local.split(" ");
    child.remoteTs = remote.split(" ");
  } else if (text.includes(" bytes_i")) readCounters(child, text);
};

/** The lines about one SA follow each other, and an IKE_SA's are followed by its CHILD_SAs'. */
const readSaLine = (ikeSas: IkeDraft[], match: RegExpExecArray): void => {
  const [, name = "", ikeId, childId, text = ""] = match;
  const ike = ikeSas.at(-1);
  if (ikeId !== undefined) {
    const state = IKE_STATE.exec(text);
    if (state) ikeSas.push(newIke(name, Number(ikeId), state));
    else if (ike?.uniqueId === Number(ikeId)) readIkeDetail(ike, text);
    return;
  }
  const child = ike?.childSas.at(-1);
  const state = CHILD_STATE.exec(text);
  if (state) ike?.childSas.push(newChild(name, Number(childId), state, text));
  else if (child?.uniqueId === Number(childId)) readChildDetail(child, text);
};

/**
 * Reads the text of `ipsec statusall` (strongSwan 5.9), for hosts where charon has no VICI. Lines that it does not understand
 * are skipped; it never throws. NAT is only known as "somewhere": natAny, when a CHILD_SA is in UDP.
 */
export const parseStatusall = (text: string): Statusall => {
  const ikeSas: IkeDraft[] = [];
  const conns = new Set<string>();
  let section: Section = "";
  let version: string | undefined;
  for (const line of text.split("\n")) {
    const trimmed = line.trim();
    version ??= DAEMON.exec(trimmed)?.[1];
    const heading = SECTION.exec(trimmed)?.[1];
    const sa = section === "Security Associations" ? SA_LINE.exec(trimmed) : null;
    const conn = section === "Connections" ? CONN.exec(trimmed)?.[1] : undefined;
    if (heading !== undefined) section = heading === "Connections" || heading === "Security Associations" ? heading : "";
    else if (sa) readSaLine(ikeSas, sa);
    else if (conn !== undefined) conns.add(conn);
  }
  for (const ike of ikeSas) ike.natAny = ike.childSas.some((child) => child.encap);
  return { version, conns: [...conns], ikeSas };
};
