import { describe, expect, it } from "vitest";
import { spellingsOf } from "../../agent/bundle/spellings.ts";
import { known, WRITTEN } from "./support.ts";

const PSKS = ["abcdef12345", 'with "quotes" and \\', "pläin ünicode", "slash/plus+equals=", "123456"];

describe.each(PSKS)("the PSK %j", (psk) => {
  it.each(WRITTEN(psk))("is known %s", (_how, text) => {
    expect(spellingsOf(known(psk)).filter((spelling) => text.includes(spelling))).not.toEqual([]);
  });
});

it("a key of the kernel's is known in hexadecimal of either case, and in base64", () => {
  const spellings = spellingsOf(known("00ff10203040a0b0", "hex"));
  expect(spellings).toEqual(expect.arrayContaining(["00ff10203040a0b0", "00FF10203040A0B0", "AP8QIDBAoL"]));
});

it("a short one counts only where it stands alone, so that no ordinary word is taken for it", () => {
  const spellings = spellingsOf(known("at"));
  expect(spellings).toContain('"at"');
  expect(spellings.some((spelling) => "that cat sat".includes(spelling))).toBe(false);
});
