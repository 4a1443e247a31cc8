import { inspect } from "node:util";

const REDACTED = "[redacted]";

/**
 * A PSK or token. It prints, serialises and interpolates as "[redacted]", so that it can only be shown on purpose.
 * The value itself comes from `reveal()`, which is called only where a secret is written or sent.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  equals(other: Secret): boolean {
    return this.#value === other.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
