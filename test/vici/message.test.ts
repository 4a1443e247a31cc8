import { describe, expect, it } from "vitest";
import { flagAt, hexAt, listAt, numberAt, sectionAt, sectionsOf, textAt } from "../../agent/vici/message.ts";
import type { ViciMessage } from "../../agent/vici/types.ts";

const message: ViciMessage = { text: "10", yes: "yes", no: "no", negative: "-3", list: ["10"], section: { inner: "x" } };

describe("reading from a message", () => {
  it("gives text only for text", () => {
    expect(["text", "list", "section", "absent"].map((key) => textAt(message, key))).toEqual([
      "10",
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("gives numbers only for whole decimal numbers", () => {
    expect(["text", "negative", "yes", "list", "absent"].map((key) => numberAt(message, key))).toEqual([
      10,
      -3,
      undefined,
      undefined,
      undefined,
    ]);
    expect(["", " 1", "1.5", "0x10", "1e3", "Infinity"].map((value) => numberAt({ value }, "value"))).toEqual(
      Array(6).fill(undefined),
    );
  });

  it("gives hexadecimal numbers of 32 bits", () => {
    expect(["00000065", "ffffffff", "1ffffffff", "xyz", ""].map((mark) => hexAt({ mark }, "mark"))).toEqual([
      101,
      0xffffffff,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("takes only yes for true", () => {
    expect(["yes", "no", "text", "list", "absent"].map((key) => flagAt(message, key))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it("gives an empty list or section where there is none", () => {
    expect([listAt(message, "list"), listAt(message, "text"), listAt(message, "absent")]).toEqual([["10"], [], []]);
    expect([sectionAt(message, "section"), sectionAt(message, "list"), sectionAt(message, "absent")]).toEqual([
      { inner: "x" },
      {},
      {},
    ]);
  });

  it("finds the sections among other values", () => {
    expect(sectionsOf(message)).toEqual([["section", { inner: "x" }]]);
  });
});
