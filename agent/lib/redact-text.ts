import type { Secret } from "./secret.ts";

const REDACTED = "[redacted]";

/** Shapes that a secret has in the texts of Heroku's client and API. UUIDs are among them: the older tokens are UUIDs. */
const SECRET_SHAPES: readonly RegExp[] = [
  /(?<=pre[-_ ]shared[-_ ]keys?\\?["']?\s*[:=]?\s*\\?["']?)[^\s"'\\,:=}]+/gi,
  /(?<=(?:authorization|password|token)["']?\s*[:=]\s*["']?(?:bearer |basic )?)[^\s"',}]+/gi,
  /(?<=\b(?:bearer|basic|psk)\s+["']?)[^\s"']+/gi,
  /\bHRKU-[\w-]+/g,
  /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,
  /(?<=\/\/)[^\s/@]+(?=@)/g,
];

/** The text without the secrets that are known and without whatever has a secret's shape. Meant for other programs' words. */
export const redactText = (text: string, known: readonly Secret[] = []): string => {
  const withoutKnown = known
    .map((secret) => secret.reveal())
    .filter((value) => value !== "")
    .reduce((rest, value) => rest.replaceAll(value, REDACTED), text);
  return SECRET_SHAPES.reduce((rest, shape) => rest.replaceAll(shape, REDACTED), withoutKnown);
};
