import type { KnownSecret } from "../../agent/bundle/spellings.ts";
import { Secret } from "../../agent/lib/secret.ts";

export const known = (value: string, encoding: KnownSecret["encoding"] = "utf8", name = "the secret"): KnownSecret => ({
  name,
  secret: new Secret(value),
  encoding,
});

/** Every way in which a program may write a PSK; the first word says how. */
export const WRITTEN = (psk: string): readonly (readonly [string, string])[] => {
  const bytes = Buffer.from(psk);
  const hex = bytes.toString("hex");
  return [
    ["as it is", psk],
    ["in a line", `left=${psk};right`],
    ["in base64", bytes.toString("base64")],
    ["in base64url", bytes.toString("base64url")],
    ["in base64 behind one byte", Buffer.from(`:${psk}`).toString("base64")],
    ["in base64 behind two bytes", Buffer.from(`::${psk}`).toString("base64")],
    ["in base64 before others", Buffer.from(`user:${psk}@host`).toString("base64")],
    ["in JSON", JSON.stringify({ psk })],
    ["in a URL", encodeURIComponent(psk)],
    ["in hexadecimal", hex],
    ["in capital hexadecimal", hex.toUpperCase()],
    ["in hexadecimal with 0x", `0x${hex}`],
  ];
};

/** Ways that only the search knows. */
export const APART = (psk: string): readonly (readonly [string, string])[] => {
  const pairs = Buffer.from(psk).toString("hex").match(/../g) ?? [];
  return [
    ["bytes apart", pairs.join(" ")],
    ["bytes with colons", pairs.join(":").toUpperCase()],
    ["bytes in C", pairs.map((pair) => `0x${pair}`).join(", ")],
    ["bytes over lines", pairs.join("\n")],
  ];
};
