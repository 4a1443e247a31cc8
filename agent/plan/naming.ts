import { createHash } from "node:crypto";
import { type ConnectionRef, connectionKey } from "../model/connection.ts";

const CONN_PREFIX = "spacegate.";
const LINK_PREFIX = "sgvti";

/** Slots for connections; a slot decides marks, link names and table numbers. */
const SLOTS = 8192;
const FIRST_MARK = 16_384;
const PROBE_MARK_OFFSET = 65_536;

/** The conn of one tunnel: dots cannot occur in Heroku's names, so no two connections share one. */
export const connName = (ref: ConnectionRef, index: 1 | 2): string => `${CONN_PREFIX}${ref.space}.${ref.name}.${index}`;

/** The tunnel that a conn of the agent's is for. */
export const tunnelOf = (conn: string): ConnectionRef & { readonly index: number } => {
  const [, space = "", name = "", index = ""] = conn.split(".");
  return { space, name, index: Number(index) };
};

/** The conn of the other tunnel of its connection. */
export const siblingOf = (conn: string): string => conn.replace(/[12]$/, (index) => (index === "1" ? "2" : "1"));

/** Whether a conn, as charon names it, was made by the agent. */
export const isOwnConn = (name: string): boolean => /^spacegate\.[a-z0-9-]+\.[a-z0-9-]+\.[12]$/.test(name);

/** Exactly the form that the agent gives: a link that merely begins like one of its own is somebody else's. */
export const isOwnLink = (name: string): boolean => /^sgvti\d{5}$/.test(name);

export interface TunnelNumbers {
  readonly mark: number;
  readonly link: string;
  readonly probeMark: number;
}

/** Marks lie in 16384..32767, so that they meet neither the small numbers that people use nor other tools' mask bits. */
export const tunnelNumbers = (slot: number, index: 1 | 2): TunnelNumbers => {
  const mark = FIRST_MARK + slot * 2 + (index - 1);
  return { mark, link: `${LINK_PREFIX}${mark}`, probeMark: mark + PROBE_MARK_OFFSET };
};

const firstSlot = (key: string): number => createHash("sha256").update(key).digest().readUInt16BE(0) % SLOTS;

/**
 * A slot for each connection, taken from its name, so that adding, removing or reordering connections leaves the
 * others' links alone. Only names that hash to the same slot (or beside each other) depend on each other; the one that
 * sorts first keeps its slot.
 */
export const assignSlots = (refs: readonly ConnectionRef[]): ReadonlyMap<string, number> => {
  const slots = new Map<string, number>();
  const taken = new Set<number>();
  for (const key of refs.map(connectionKey).sort()) {
    let slot = firstSlot(key);
    while (taken.has(slot)) slot = (slot + 1) % SLOTS;
    taken.add(slot);
    slots.set(key, slot);
  }
  return slots;
};
