import { Secret } from "../lib/secret.ts";
import type { Fingerprint } from "./fingerprint.ts";

const PSK = /: PSK (\S.*)$/gm;

const decode = (written: string): Secret => {
  if (written.startsWith("0s")) return new Secret(Buffer.from(written.slice(2), "base64").toString("utf8"));
  return new Secret(written.replace(/^(["'])(.*)\1$/, "$2"));
};

/** A rendered text as it may be shown: every PSK becomes "<psk FINGERPRINT>", the same that rendering shows for it. */
export const maskPsks = (text: string, fingerprint: Fingerprint): string =>
  text.replace(PSK, (_whole, written: string) => `: PSK <psk ${fingerprint(decode(written))}>`);
