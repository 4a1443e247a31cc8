import type { ObservedChild, ObservedIke } from "../model/observed.ts";

/** What an updown event says: the SAs that went up or down, as far as it names them. */
export interface Updown {
  readonly kind: "ike" | "child";
  readonly up: boolean;
  readonly ikeSas: readonly ObservedIke[];
}

const withChildren = (known: readonly ObservedChild[], told: readonly ObservedChild[], up: boolean): ObservedChild[] => {
  const named = new Set(told.map(({ uniqueId }) => uniqueId));
  return [...known.filter(({ uniqueId }) => !named.has(uniqueId)), ...(up ? told : [])];
};

const mergeOne = (known: readonly ObservedIke[], told: ObservedIke, { kind, up }: Updown): ObservedIke[] => {
  const before = known.find(({ uniqueId }) => uniqueId === told.uniqueId);
  const others = known.filter((ike) => ike !== before);
  if (kind === "ike" && !up) return others;
  const merged = { ...told, childSas: withChildren(before?.childSas ?? [], kind === "child" ? told.childSas : [], up) };
  return [...others, merged];
};

/**
 * The known SAs as an event alters them. It is only for being quick: charon may take 10 ms to list an SA that it has just
 * made, and what it lists then replaces this.
 */
export const mergeEvent = (known: readonly ObservedIke[], event: Updown): ObservedIke[] =>
  event.ikeSas.reduce((sas, told) => mergeOne(sas, told, event), [...known]);
