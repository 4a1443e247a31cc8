import { Finder } from "./finder.ts";
import { hexOf, type KnownSecret, MIN_LENGTH, spellingsOf } from "./spellings.ts";

const REDACTED = "[redacted]";

/** One file of a bundle. */
export interface Entry {
  readonly name: string;
  readonly text: string;
}

/** Makes a function that takes every known secret out of a text. */
export const redactorOf = (known: readonly KnownSecret[]): ((text: string) => string) => {
  const finder = new Finder(known.flatMap((one) => spellingsOf(one).map((word) => [word, one] as const)));
  return (text) => {
    let clean = "";
    let from = 0;
    for (const { start, end } of finder.find(text)) {
      clean += text.slice(from, start) + REDACTED;
      from = end;
    }
    return clean + text.slice(from);
  };
};

/** charon's dumps of keys: "   0: 61 62 63 64 65 66 31 32 33 34 35      abcdef12345". */
const DUMP_LINE = /^.*\b\d+: (?:[0-9A-F]{2} ){4,}.*$/gm;

/** A log without the bytes that charon writes at its higher levels, keys among them. */
export const withoutDumps = (text: string): string => text.replaceAll(DUMP_LINE, "[a dump of bytes was left out]");

/** Bytes written apart ("61 62 63", "61:62:63", "0x61, 0x62") are together in it. */
const compact = (text: string): string => text.toLowerCase().replaceAll(/0x|\\[nrt]|[\s:,;\-[\]{}"']/g, "");

export interface Leak {
  /** Of the entry. */
  readonly name: string;
  /** The secret's name. */
  readonly secret: string;
}

/**
 * The proof: looks for every known secret in whatever spelling, and for its bytes in whatever way hexadecimal digits may be
 * written. It goes further than the redaction, which is thereby proven.
 */
export const findLeaks = (entries: readonly Entry[], known: readonly KnownSecret[]): Leak[] => {
  const plain = new Finder(known.flatMap((one) => spellingsOf(one).map((word) => [word, one.name] as const)));
  const hex = new Finder(
    known.filter((one) => hexOf(one).length >= 2 * MIN_LENGTH).map((one) => [hexOf(one), one.name] as const),
  );
  return entries.flatMap(({ name, text }) => {
    const found = [...plain.find(text), ...hex.find(compact(text))].map(({ what }) => what);
    return [...new Set(found)].map((secret) => ({ name, secret }));
  });
};
