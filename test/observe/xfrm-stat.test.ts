import { describe, expect, it } from "vitest";
import { parseXfrmStat } from "../../agent/observe/xfrm-stat.ts";

const TEXT =
  "XfrmInError             \t0\nXfrmInTmplMismatch      \t41\nXfrmInNoPols            \t1\nXfrmInStateMismatch     \t2\nXfrmOutError 9\n";

describe("the kernel's count of packets that no policy of their own SA lets in", () => {
  it("is the sum of the three mismatches", () => {
    expect(parseXfrmStat(TEXT)).toBe(44);
  });

  it.each(["", "garbage", "XfrmInTmplMismatch many"])("is not known from %j", (text) => {
    expect(parseXfrmStat(text)).toBeNull();
  });
});
