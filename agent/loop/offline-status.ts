import type { SpacegateError } from "../lib/errors.ts";
import { type Connection, type ConnectionRef, connectionKey } from "../model/connection.ts";
import type { ObservedCharon, ObservedConn, ObservedIke } from "../model/observed.ts";
import type { OfflineConnection, OfflineStatus, OfflineTunnel } from "../model/offline-status.ts";
import { connName, isOwnConn } from "../plan/naming.ts";
import { childState, ikeState } from "./status-view.ts";

/** What is left when the agent does not answer. */
export interface Remains {
  /** Why it does not. */
  readonly error: SpacegateError;
  /** Of the settings. */
  readonly refs: readonly ConnectionRef[];
  readonly charon: ObservedCharon;
  /** The last good copy, by connectionKey. */
  readonly kept: ReadonlyMap<string, { readonly connection: Connection; readonly confirmedAt: number }>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

interface Held {
  /** undefined: charon does not tell what it has loaded. */
  readonly conns: readonly ObservedConn[] | undefined;
  readonly sas: readonly ObservedIke[];
}

const heldBy = (charon: ObservedCharon): Held => {
  if (charon.kind === "absent") return { conns: undefined, sas: [] };
  return { conns: charon.via === "vici" ? charon.conns : undefined, sas: charon.sas };
};

const tunnelOf = (ref: ConnectionRef, index: 1 | 2, held: Held, details: Connection | undefined): OfflineTunnel => {
  const conn = connName(ref, index);
  const sas = held.sas.filter(({ name }) => name === conn);
  const loaded = held.conns?.find(({ name }) => name === conn);
  const children = sas.flatMap(({ childSas }) => childSas);
  return {
    index,
    conn,
    address: sas[0]?.remoteHost ?? loaded?.remoteAddrs[0] ?? details?.tunnels.find((one) => one.index === index)?.ip ?? "",
    loaded: held.conns ? loaded !== undefined : null,
    ike: ikeState(sas),
    child: childState(sas),
    establishedS: sas.find(({ state }) => state === "ESTABLISHED")?.establishedS ?? null,
    bytesIn: sum(children.map(({ bytesIn }) => bytesIn)),
    bytesOut: sum(children.map(({ bytesOut }) => bytesOut)),
  };
};

const connectionOf = (ref: ConnectionRef, held: Held, kept: Remains["kept"]): OfflineConnection => {
  const copy = kept.get(connectionKey(ref));
  return {
    space: ref.space,
    name: ref.name,
    confirmedAt: copy?.confirmedAt ?? null,
    providerStatus: copy?.connection.status ?? "",
    tunnels: ([1, 2] as const).map((index) => tunnelOf(ref, index, held, copy?.connection)),
  };
};

const charonOf = (charon: ObservedCharon): OfflineStatus["charon"] =>
  charon.kind === "running"
    ? { running: true, version: charon.version, via: charon.via, why: "" }
    : { running: false, version: "", via: "none", why: charon.why };

/** charon's own word and the last good copy, put together. */
export const offlineStatus = ({ error, refs, charon, kept, now }: Remains): OfflineStatus => {
  const held = heldBy(charon);
  const known = new Set(refs.flatMap((ref) => [connName(ref, 1), connName(ref, 2)]));
  const names = [...(held.conns ?? []), ...held.sas].map(({ name }) => name);
  return {
    status: "not-running",
    agent: { running: false, text: error.message, fix: error.fix },
    at: now,
    charon: charonOf(charon),
    connections: refs.map((ref) => connectionOf(ref, held, kept)),
    strays: [...new Set(names)].filter((name) => isOwnConn(name) && !known.has(name)).sort(),
  };
};
