import { Secret } from "../lib/secret.ts";
import type { Fingerprint } from "./fingerprint.ts";

/** Wider than what charon takes: a line with a mistake in it holds its secret all the same. */
const SECRET = /:[ \t]*(PSK|EAP|XAUTH|NTLM|RSA|ECDSA|PKCS8|PKCS12|P12|BLISS|PIN)(?=[\s"'])[ \t]*(\S[^\r\n]*)\r?$/gim;

const unquote = (written: string): string => /^(["'])(.*?)(?:\1|$)/.exec(written)?.[2] ?? written.split(" ", 1)[0] ?? "";

/** As charon reads it: a quoted PSK is taken as it stands, an unquoted one ends at a space and may be encoded. */
const decode = (written: string): Secret => {
  const text = unquote(written);
  const encoding = { "0s": "base64", "0x": "hex" } as const;
  const prefix = text.slice(0, 2).toLowerCase();
  if (prefix !== "0s" && prefix !== "0x") return new Secret(text);
  return new Secret(/^["']/.test(written) ? text : Buffer.from(text.slice(2), encoding[prefix]).toString("utf8"));
};

/** A rendered text as it may be shown: every PSK becomes "<psk FINGERPRINT>", the same that rendering shows for it. Other secrets are left out. */
export const maskPsks = (text: string, fingerprint: Fingerprint): string =>
  text.replace(SECRET, (_whole, kind: string, written: string) =>
    kind.toUpperCase() === "PSK" ? `: PSK <psk ${fingerprint(decode(written))}>` : `: ${kind} <secret>`,
  );

/** Every secret in a text of this form, as charon reads it and as it is written. */
export const secretsIn = (text: string): Secret[] =>
  [...text.matchAll(SECRET)].flatMap(([, kind = "", written = ""]) => {
    if (kind.toUpperCase() === "PSK") return [decode(written), new Secret(unquote(written).replace(/^0[sx]/i, ""))];
    // Of the others the first word may be a file's name; a passphrase is quoted.
    const quoted = [...written.matchAll(/"([^"]*)"/g)].map(([, value = ""]) => new Secret(value));
    return kind.toUpperCase() === "EAP" || kind.toUpperCase() === "XAUTH" ? [decode(written), ...quoted] : quoted;
  });
