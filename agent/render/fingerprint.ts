import { createHmac } from "node:crypto";
import type { Secret } from "../lib/secret.ts";

/** Stands for a secret or a text wherever it is shown or remembered. Keyed, so that guessing offline gains nothing. */
export type Fingerprint = (secret: Secret) => string;

/** Twelve hexadecimal digits of an HMAC-SHA-256. */
export const fingerprintWith = (key: Secret): Fingerprint => {
  // A thousand tunnels' PSKs are asked for several times a pass, and a Secret never changes.
  const known = new WeakMap<Secret, string>();
  return (secret) => {
    const before = known.get(secret);
    if (before !== undefined) return before;
    const fresh = createHmac("sha256", key.reveal()).update(secret.reveal()).digest("hex").slice(0, 12);
    known.set(secret, fresh);
    return fresh;
  };
};
