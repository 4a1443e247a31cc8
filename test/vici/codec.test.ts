import { describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage } from "../../agent/vici/codec.ts";
import type { ViciMessage } from "../../agent/vici/types.ts";
import { responseOf } from "./golden.ts";
import { Random } from "./random.ts";

const bytes = (...parts: (number | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "number" ? Buffer.of(part) : Buffer.from(part))));

/** The document's own example: a value, a section with a list and a section in it. */
const EXAMPLE = bytes(
  ...[3, 4, "key1", 0, 6, "value1"],
  ...[1, 8, "section1", 1, 11, "sub-section", 3, 4, "key2", 0, 6, "value2", 2],
  ...[4, 5, "list1", 5, 0, 5, "item1", 5, 0, 5, "item2", 6, 2],
);
const EXAMPLE_MESSAGE: ViciMessage = {
  key1: "value1",
  section1: { "sub-section": { key2: "value2" }, list1: ["item1", "item2"] },
};

describe("decodeMessage", () => {
  it("reads values, sections and lists", () => {
    expect(decodeMessage(EXAMPLE)).toEqual(EXAMPLE_MESSAGE);
  });

  it("reads what a real charon answers to version", () => {
    expect(responseOf("version")).toMatchObject({ daemon: "charon", version: "5.9.8", sysname: "Linux", machine: "x86_64" });
  });

  it("reads no bytes as the empty message", () => {
    expect(Object.keys(decodeMessage(Buffer.alloc(0)))).toEqual([]);
  });

  it("keeps charon's order", () => {
    const message = { zulu: "1", alpha: { y: "2", x: ["3"] }, mike: [] };
    expect(JSON.stringify(decodeMessage(encodeMessage(message)))).toBe(JSON.stringify(message));
  });

  it("lets the last of several equal names win", () => {
    expect(decodeMessage(bytes(3, 1, "a", 0, 1, "1", 1, 1, "a", 2, 3, 1, "a", 0, 1, "2"))).toEqual({ a: "2" });
  });

  it("takes __proto__ as a name like any other", () => {
    const message = decodeMessage(bytes(1, 9, "__proto__", 3, 8, "polluted", 0, 3, "yes", 2));
    expect(Object.keys(message)).toEqual(["__proto__"]);
    expect(message.polluted).toBeUndefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("has no names that charon did not send", () => {
    expect(decodeMessage(Buffer.alloc(0)).toString).toBeUndefined();
  });

  it("replaces bytes that are not UTF-8", () => {
    expect(decodeMessage(bytes(3, 2, "id", 0, 4, "a", 0xff, 0xc3, "b"))).toEqual({ id: "a��b" });
  });

  it.each<[string, Buffer]>([
    ["a message cut in a name", EXAMPLE.subarray(0, 4)],
    ["a message cut in a length", EXAMPLE.subarray(0, 7)],
    ["a message cut in a value", EXAMPLE.subarray(0, 10)],
    ["a section without its end", EXAMPLE.subarray(0, -1)],
    ["a list without its end", EXAMPLE.subarray(0, -2)],
    ["the end of a section that never began", bytes(2)],
    ["the end of a list that never began", bytes(6)],
    ["an item outside a list", bytes(5, 0, 1, "a")],
    ["a section inside a list", bytes(4, 1, "l", 1, 1, "s", 2, 6)],
    ["a value inside a list", bytes(4, 1, "l", 3, 1, "k", 0, 1, "v", 6)],
    ["element type 0", bytes(0)],
    ["element type 7", bytes(7, 1, "a")],
    ["33 nested sections", Buffer.concat([...Array(33).fill(bytes(1, 1, "s")), ...Array(33).fill(bytes(2))])],
    ["sections that nest without end", Buffer.alloc(512 * 1024, bytes(1, 0))],
  ])("refuses %s with VICI_PROTOCOL", (_what, garbage) => {
    expect(() => decodeMessage(garbage)).toThrow(expect.objectContaining({ code: "VICI_PROTOCOL" }));
  });

  it("reads 32 nested sections", () => {
    const nested = Buffer.concat([...Array(32).fill(bytes(1, 1, "s")), ...Array(32).fill(bytes(2))]);
    expect(JSON.stringify(decodeMessage(nested))).toBe(`${'{"s":'.repeat(32)}{}${"}".repeat(32)}`);
  });

  it("refuses every message that lost its last bytes, unless it ends between two elements", () => {
    const whole = new Set([0, 14, EXAMPLE.length]);
    for (let length = 0; length <= EXAMPLE.length; length += 1) {
      const decode = () => decodeMessage(EXAMPLE.subarray(0, length));
      if (whole.has(length)) expect(decode).not.toThrow();
      else expect(decode, `${length} bytes`).toThrow(expect.objectContaining({ code: "VICI_PROTOCOL" }));
    }
  });
});

describe("encodeMessage", () => {
  it("writes the bytes that the format prescribes", () => {
    expect(encodeMessage(EXAMPLE_MESSAGE)).toEqual(EXAMPLE);
  });

  it("gives back 2000 random messages when they are decoded", () => {
    const random = new Random(1);
    for (let round = 0; round < 2000; round += 1) {
      const message = random.message();
      expect(decodeMessage(encodeMessage(message)), `round ${round}`).toEqual(message);
    }
  });

  it("writes the longest name and the longest value", () => {
    const message = { ["n".repeat(255)]: "v".repeat(65_535) };
    expect(decodeMessage(encodeMessage(message))).toEqual(message);
  });

  it("refuses a longer name", () => {
    expect(() => encodeMessage({ ["ü".repeat(128)]: "" })).toThrow(RangeError);
  });

  it("refuses a longer value without quoting it", () => {
    expect(() => encodeMessage({ secret: "s3cret".repeat(20_000) })).toThrow(
      /^a VICI value has 65535 bytes at most, not 120000$/,
    );
  });
});
