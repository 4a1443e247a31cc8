import type { Secret } from "./secret.ts";

/** Shorter ones would blot out ordinary words; Heroku's PSKs and tokens are far longer. */
const MIN_LENGTH = 6;

/** The forms in which a value turns up: as it is, as in ipsec.secrets, and escaped as in a line of JSON. */
const formsOf = (value: string): string[] => [value, Buffer.from(value).toString("base64"), JSON.stringify(value).slice(1, -1)];

/** Knows every secret of this process, and takes them out of any text that leaves it. */
export class Redactor {
  /** Longest first: where one secret begins another, the shorter one's removal would leave the other's end behind. */
  #values: readonly string[] = [];

  add(secret: Secret): void {
    const value = secret.reveal();
    if (value.length < MIN_LENGTH) return;
    this.#values = [...new Set([...this.#values, ...formsOf(value)])].sort((a, b) => b.length - a.length);
  }

  redact(text: string): string {
    let clean = text;
    for (const value of this.#values) clean = clean.replaceAll(value, "[redacted]");
    return clean;
  }
}
