import { isDeepStrictEqual } from "node:util";
import type { SpacegateError } from "../lib/errors.ts";
import type { Connection, TunnelDetails } from "../model/connection.ts";
import type { SourceState } from "../model/source.ts";
import type { KeptConnection } from "./last-good.ts";

/** Equal in every value, PSKs included (which a deep comparison alone does not see). */
export const sameConnection = (a: Connection | undefined, b: Connection | undefined): boolean =>
  isDeepStrictEqual(a, b) &&
  (a === undefined ||
    a.tunnels.every((tunnel, place) => b?.tunnels[place] !== undefined && tunnel.psk.equals(b.tunnels[place].psk)));

/** Equal to the reader: the time of the last confirmation and an error's details do not count. */
export const sameState = (a: SourceState, b: SourceState): boolean =>
  sameConnection(a.connection, b.connection) &&
  a.origin === b.origin &&
  a.waiting === b.waiting &&
  a.error?.code === b.error?.code &&
  a.error?.message === b.error?.message;

/**
 * The connection with its tunnels in the order in which `before` had them. Heroku promises no order, and an exchange of
 * numbers would be a change of both tunnels.
 */
export const keepOrder = (before: Connection | undefined, connection: Connection): Connection => {
  const [first, second] = connection.tunnels;
  const [oldFirst, oldSecond] = before?.tunnels ?? [];
  if (!first || !second || !oldFirst || !oldSecond || first.ip === oldFirst.ip || second.ip === oldSecond.ip) return connection;
  if (first.ip !== oldSecond.ip && second.ip !== oldFirst.ip) return connection;
  const tunnels: TunnelDetails[] = [
    { ...second, index: 1 },
    { ...first, index: 2 },
  ];
  return { ...connection, tunnels };
};

export const afterReady = (state: SourceState, connection: Connection, now: number): SourceState => ({
  ref: state.ref,
  connection,
  origin: "source",
  confirmedAt: now,
});

/** What is known stays known, whatever the source says now; before the first good answer it is what an earlier run kept. */
const known = (state: SourceState, kept: KeptConnection | undefined): SourceState => {
  const { ref, connection, origin, confirmedAt } = state;
  if (connection && origin && confirmedAt !== undefined) return { ref, connection, origin, confirmedAt };
  return kept ? { ref, connection: kept.connection, origin: "last-good-copy", confirmedAt: kept.confirmedAt } : { ref };
};

export const afterWaiting = (state: SourceState, kept: KeptConnection | undefined, reason: string): SourceState => ({
  ...known(state, kept),
  waiting: reason,
});

export const afterError = (state: SourceState, kept: KeptConnection | undefined, error: SpacegateError): SourceState => ({
  ...known(state, kept),
  error,
});
