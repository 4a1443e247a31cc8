import { describe, expect, it } from "vitest";
import { type Facts, type Gatherers, gather, Unknown } from "../../agent/check/facts.ts";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { factsWith } from "./support.ts";

const gatherersWith = (changes: Partial<Gatherers>): Gatherers => {
  const entries = Object.entries(factsWith()).map(([name, fact]) => [name, async () => (fact.known ? fact.value : undefined)]);
  return { ...Object.fromEntries(entries), ...changes } as Gatherers;
};

const never = new AbortController().signal;
const whyOf = (fact: Facts[keyof Facts]): string => (fact.known ? "known" : fact.why);

describe("gather", () => {
  it("finds each fact once, however many others rest on it", async () => {
    let asked = 0;
    const facts = await gather(
      gatherersWith({
        ipForward: async () => {
          asked += 1;
          return true;
        },
        clock: async (get) => ({ offsetMs: (await get("ipForward")) ? 1 : 2, against: "x" }),
        conntrack: async (get) => ({ count: (await get("ipForward")) ? 1 : 2, max: 3 }),
      }),
      never,
    );
    expect(asked).toBe(1);
    expect(facts.clock).toEqual({ known: true, value: { offsetMs: 1, against: "x" } });
  });

  it("makes a fact unknown that fails, and those that rest on it, with the reason and a way to find out", async () => {
    const facts = await gather(
      gatherersWith({
        ec2: async () => {
          throw new Unknown("Nobody knows.", "ask around");
        },
        publicAddresses: async (get) => {
          await get("ec2");
          return [];
        },
        agent: async () => {
          throw new SpacegateError("NOT_RUNNING", "It does not run.", { fix: "Start it." });
        },
      }),
      never,
    );
    expect(facts.ec2).toEqual({ known: false, why: "Nobody knows.", find: "ask around" });
    expect(whyOf(facts.publicAddresses)).toBe("Nobody knows.");
    expect(facts.agent).toEqual({ known: false, why: "It does not run.", find: "Start it." });
  });

  it("does not wait longer than it may", async () => {
    const facts = await gather(gatherersWith({ clock: () => new Promise(() => undefined) }), AbortSignal.timeout(20));
    expect(whyOf(facts.clock)).toBe("It could not be found out in time.");
    expect(facts.ipForward.known).toBe(true);
  });
});
