import { describe, expect, test } from "vitest";
import { hasHealthy, leaving, missing, stale, type Target } from "../../../../agent/privatelink/publish/function/core.ts";

const PORT = 5432;
const OLD = "10.0.1.10";
const NEW = "10.0.2.20";
const target = (address: string, state: string, port = PORT): Target => ({ address, port, state });
const addresses = (targets: readonly Target[]): string[] => targets.map(({ address }) => address);

describe("an address that the name leads to is missing", () => {
  test.each([
    ["when the group is empty", [], [NEW]],
    ["when the group has another", [target(OLD, "healthy")], [NEW]],
    ["when it is on its way out: it has come back", [target(NEW, "draining")], [NEW]],
    ["when it is there with another port", [target(NEW, "healthy", 5433)], [NEW]],
    ["not when it is new in the group", [target(NEW, "initial")], []],
    ["not when it is ill: registering it again heals nothing", [target(NEW, "unhealthy")], []],
    ["not in a state that AWS has yet to invent", [target(NEW, "resting")], []],
  ])("%s", (_when, targets, expected) => {
    expect(missing([NEW], targets, PORT)).toEqual(expected);
  });

  test("each for itself when the name leads to two", () => {
    expect(missing([OLD, NEW], [target(OLD, "healthy")], PORT)).toEqual([NEW]);
  });
});

describe("a member leaves", () => {
  test.each<[string, readonly string[], readonly Target[], readonly string[]]>([
    ["once a named address is healthy", [NEW], [target(OLD, "healthy"), target(NEW, "healthy")], [OLD]],
    ["not before one is", [NEW], [target(OLD, "healthy"), target(NEW, "initial")], []],
    ["before that when it serves nobody itself", [NEW], [target(OLD, "unhealthy"), target(NEW, "initial")], [OLD]],
    ["not when it is new itself and nothing is healthy", [NEW], [target(OLD, "initial"), target(NEW, "initial")], []],
    ["never when no named address is in the group", [NEW], [target(OLD, "unhealthy")], []],
    ["never when the named one is on its way out", [NEW], [target(OLD, "unhealthy"), target(NEW, "draining")], []],
    ["not twice", [NEW], [target(OLD, "draining"), target(NEW, "healthy")], []],
    ["not while the name leads to it", [OLD, NEW], [target(OLD, "unhealthy"), target(NEW, "healthy")], []],
    ["when it has the port of before", [NEW], [target(NEW, "healthy", 5433), target(NEW, "healthy")], [NEW]],
    ["not when every member is ill and none is named", [NEW], [target(OLD, "unhealthy"), target("10.0.3.3", "unhealthy")], []],
  ])("%s", (_when, named, targets, expected) => {
    expect(addresses(leaving(named, targets, PORT))).toEqual(expected);
  });

  test("so that whatever was seen, a group that had members keeps one", () => {
    const states = ["initial", "healthy", "unhealthy", "unused", "draining", "resting"];
    for (const old of states)
      for (const fresh of states)
        for (const named of [[OLD], [NEW], [OLD, NEW], ["10.0.9.9"], []]) {
          const group = [target(OLD, old), target(NEW, fresh)];
          const members = group.filter(({ state }) => state !== "draining");
          const left = members.filter((member) => !leaving(named, group, PORT).includes(member));
          expect(left.length, JSON.stringify({ old, fresh, named })).toBeGreaterThan(members.length === 0 ? -1 : 0);
        }
  });
});

test("a member is stale when neither its address nor its port fits, unless it leaves already", () => {
  const targets = [target(OLD, "healthy"), target(NEW, "healthy"), target("10.0.3.3", "draining")];
  expect(addresses(stale([NEW], targets, PORT))).toEqual([OLD]);
});

test("a healthy member counts only when the name leads to it", () => {
  expect(hasHealthy([NEW], [target(OLD, "healthy"), target(NEW, "initial")], PORT)).toBe(false);
  expect(hasHealthy([NEW], [target(NEW, "healthy")], PORT)).toBe(true);
});
