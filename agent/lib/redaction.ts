import type { Secret } from "./secret.ts";

/** Shorter ones would blot out ordinary words; Heroku's PSKs and tokens are far longer. */
const MIN_LENGTH = 6;

/** Knows every secret of this process, and takes them out of any text that leaves it. */
export class Redactor {
  readonly #values = new Set<string>();

  add(secret: Secret): void {
    const value = secret.reveal();
    if (value.length < MIN_LENGTH) return;
    this.#values.add(value);
    this.#values.add(Buffer.from(value).toString("base64"));
  }

  redact(text: string): string {
    let clean = text;
    for (const value of this.#values) clean = clean.replaceAll(value, "[redacted]");
    return clean;
  }
}
