import type { Secret } from "../lib/secret.ts";

/** A secret that must not be in a bundle, and where it was found. */
export interface KnownSecret {
  /** "a PSK in /etc/ipsec.secrets": told to people in its place. */
  readonly name: string;
  readonly secret: Secret;
  /** What the value is: text, or the hexadecimal digits of a key. */
  readonly encoding: "utf8" | "hex";
}

/** Shorter spellings would be found in ordinary words. */
export const MIN_LENGTH = 6;

/** The characters of base64 that depend on these bytes alone, when `before` other bytes stand in front of them. */
const base64Within = (bytes: Buffer, before: 0 | 1 | 2): string => {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString("base64")
    .replaceAll("=", "");
  const wholeEnd = Math.floor(((before + bytes.length) * 8) / 6);
  return text.slice(Math.ceil((before * 8) / 6), wholeEnd);
};

const textSpellings = (value: string): string[] => {
  const json = JSON.stringify(value);
  // In quotes even a short one is nothing but itself.
  return value.length < MIN_LENGTH ? [json] : [value, json.slice(1, -1), encodeURIComponent(value)];
};

/** Hexadecimal digits in lower case, for texts that were brought into the same form. */
export const hexOf = ({ secret, encoding }: KnownSecret): string =>
  (encoding === "hex" ? secret.reveal() : Buffer.from(secret.reveal()).toString("hex")).toLowerCase();

/** Every form in which a program may write it: as it is, escaped, in base64 (also as part of something longer), in hexadecimal. */
export const spellingsOf = (known: KnownSecret): string[] => {
  const bytes = Buffer.from(hexOf(known), "hex");
  const base64 = ([0, 1, 2] as const).map((before) => base64Within(bytes, before));
  const spellings = [
    ...(known.encoding === "utf8" ? textSpellings(known.secret.reveal()) : []),
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
    hexOf(known),
    hexOf(known).toUpperCase(),
  ];
  return [...new Set(spellings)].filter((text) => text.length >= MIN_LENGTH || text.startsWith('"'));
};
