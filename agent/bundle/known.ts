import { Secret } from "../lib/secret.ts";
import type { KnownSecret } from "./spellings.ts";

const utf8 = (name: string, value: string): KnownSecret => ({ name, secret: new Secret(value), encoding: "utf8" });

const fromJson = (text: string): string => {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
};

/** PSKs in Heroku's JSON: also in a file that is cut off or broken otherwise. */
export const pskValues = (name: string, text: string): KnownSecret[] =>
  [...text.matchAll(/"pre_shared_key"\s*:\s*"((?:[^"\\]|\\.)*)/g)].map(([, value = ""]) => utf8(name, fromJson(value)));

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----([\s\S]*?)(?:-----END|$)/g;

/** The lines of private keys in PEM, each one of them: any of them in a bundle is too much. */
export const privateKeyLines = (name: string, text: string): KnownSecret[] =>
  [...text.matchAll(PRIVATE_KEY)].flatMap(([, body = ""]) =>
    body
      .split("\n")
      .map((line) => line.trim())
      // The last line may be a few characters, and a header of an old format is no key.
      .filter((line) => /^[A-Za-z0-9+/=]{16,}$/.test(line))
      .map((line) => utf8(name, line)),
  );

/** The first line of a file that holds one secret. */
export const soleValue = (name: string, text: string): KnownSecret[] => {
  const value = text.trim();
  return value === "" ? [] : [utf8(name, value)];
};

const KEY = /^\s*(?:auth|auth-trunc|enc|aead|comp)\b.*$/gm;

/** The keys that `ip xfrm state` prints. */
export const xfrmKeys = (text: string): KnownSecret[] =>
  [...text.matchAll(KEY)].flatMap(([line]) =>
    [...line.matchAll(/0x([0-9a-f]{16,})/gi)].map(([, digits = ""]) => ({
      name: "a key of an SA in the kernel",
      secret: new Secret(digits.toLowerCase()),
      encoding: "hex" as const,
    })),
  );

/** What `ip xfrm state` prints, without keys: for an iproute2 that does not know `nokeys`, and for certainty. */
export const withoutXfrmKeys = (text: string): string =>
  text.replaceAll(KEY, (line) => line.replaceAll(/0x[0-9a-f]{16,}/gi, "<key left out>"));
