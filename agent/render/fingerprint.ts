import { createHmac } from "node:crypto";
import type { Secret } from "../lib/secret.ts";

/** Stands for a secret or a text wherever it is shown or remembered. Keyed, so that guessing offline gains nothing. */
export type Fingerprint = (secret: Secret) => string;

/** Twelve hexadecimal digits of an HMAC-SHA-256. */
export const fingerprintWith =
  (key: Secret): Fingerprint =>
  (secret) =>
    createHmac("sha256", key.reveal()).update(secret.reveal()).digest("hex").slice(0, 12);
