import type { ViciMessage, ViciValue } from "../../agent/vici/types.ts";

/** A seeded generator (mulberry32), so that a failure can be repeated. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** 0 inclusive to `bound` exclusive. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  text(maxLength: number): string {
    return Array.from({ length: this.below(maxLength + 1) }, () => this.pick([..."az09 -_.\n\0\"'ü€𝄞"])).join("");
  }

  /** Any message the type allows, empty names, hostile names and empty sections included. */
  message(depth = 4): ViciMessage {
    const entries = Array.from({ length: this.below(6) }, (): [string, ViciValue] => [this.#name(), this.#value(depth)]);
    return Object.assign(Object.create(null), Object.fromEntries(entries));
  }

  #name(): string {
    return this.below(4) === 0 ? this.pick(["__proto__", "constructor", "toString", "", "7"]) : this.text(20);
  }

  #value(depth: number): ViciValue {
    const kind = this.below(depth > 0 ? 3 : 2);
    if (kind === 0) return this.text(40);
    if (kind === 1) return Array.from({ length: this.below(5) }, () => this.text(20));
    return this.message(depth - 1);
  }
}
