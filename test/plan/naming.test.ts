import { describe, expect, it } from "vitest";
import { assignSlots, connName, isOwnConn, isOwnLink, tunnelNumbers } from "../../agent/plan/naming.ts";

const ref = (text: string) => {
  const [space = "", name = ""] = text.split("/");
  return { space, name };
};
const refs = (...texts: string[]) => texts.map(ref);

describe("a conn's name", () => {
  it("tells space, connection and tunnel", () => {
    expect(connName(ref("acme-space/office"), 2)).toBe("spacegate.acme-space.office.2");
  });

  it("is never shared by two connections", () => {
    expect(connName(ref("a-b/c"), 1)).not.toBe(connName(ref("a/b-c"), 1));
  });

  it("is known again", () => {
    expect(isOwnConn(connName(ref("acme-space/office"), 1))).toBe(true);
  });
});

describe("what is somebody else's", () => {
  it.each(["vpn1", "spacegate", "spacegate.mine", "spacegate.a.b.3", "spacegate.a.b.1.backup"])("conn %s", (name) => {
    expect(isOwnConn(name)).toBe(false);
  });

  it.each(["vti1", "sgvti", "sgvti-backup", "sgvti1", "sgvti163840", "mysgvti16384"])("link %s", (name) => {
    expect(isOwnLink(name)).toBe(false);
  });
});

describe("a tunnel's numbers", () => {
  it("are the mark, the link named after it, and the probe's mark", () => {
    expect(tunnelNumbers(0, 1)).toEqual({ mark: 16_384, link: "sgvti16384", probeMark: 81_920 });
    expect(tunnelNumbers(8191, 2)).toEqual({ mark: 32_767, link: "sgvti32767", probeMark: 98_303 });
  });

  it("differ between all tunnels of all slots", () => {
    const marks = Array.from({ length: 8192 }, (_, slot) => [tunnelNumbers(slot, 1).mark, tunnelNumbers(slot, 2).mark]).flat();
    expect(new Set(marks).size).toBe(16_384);
  });

  it("name links that the kernel takes (15 characters) and the agent knows again", () => {
    const { link } = tunnelNumbers(8191, 2);
    expect(link.length).toBeLessThanOrEqual(15);
    expect(isOwnLink(link)).toBe(true);
  });
});

describe("slots", () => {
  const slotsOf = (...texts: string[]) => Object.fromEntries(assignSlots(refs(...texts)));

  it("stay when connections are added, removed or reordered", () => {
    const alone = slotsOf("acme-space/office")["acme-space/office"];
    expect(slotsOf("a/b", "acme-space/office", "z/z")["acme-space/office"]).toBe(alone);
    expect(slotsOf("z/z", "acme-space/office")["acme-space/office"]).toBe(alone);
  });

  /** Two names that hash to one slot, found by trying. */
  const colliding = (): [string, string] => {
    const seen = new Map<number, string>();
    for (let n = 0; ; n += 1) {
      const key = `space-${n}/office`;
      const slot = slotsOf(key)[key] ?? -1;
      const other = seen.get(slot);
      if (other) return [other, key].sort() as [string, string];
      seen.set(slot, key);
    }
  };

  it("differ for names that hash alike: the one that sorts first keeps its slot, the next one takes the next", () => {
    const [first, second] = colliding();
    const home = slotsOf(first)[first] ?? 0;
    expect(slotsOf(second)[second]).toBe(home);
    expect(slotsOf(first, second)).toEqual({ [first]: home, [second]: (home + 1) % 8192 });
    expect(slotsOf(second, first)).toEqual(slotsOf(first, second));
  });

  it("are enough for the largest settings file, each its own", () => {
    const many = assignSlots(Array.from({ length: 1000 }, (_, n) => ref(`space-${n}/office`)));
    expect(new Set(many.values()).size).toBe(1000);
  });
});
