import { describe, expect, it } from "vitest";
import { LinkMemory } from "../../../agent/privatelink/loop/memory.ts";
import { ManualClock } from "../../lib/support.ts";
import { endpoint, group, settled } from "../plan/support.ts";

const nothing = settled({ endpoints: [], group: undefined });
const made = { endpoint: endpoint({ state: "pending" }), group: group({ ingress: [] }) };

describe("what was made and is not shown yet", () => {
  it("counts as there", () => {
    const memory = new LinkMemory(new ManualClock());
    memory.remember(made);
    expect(memory.complete(nothing)).toMatchObject({ endpoints: [made.endpoint], group: made.group });
  });

  it("is forgotten as soon as it is shown: what goes away then is gone", () => {
    const memory = new LinkMemory(new ManualClock());
    memory.remember(made);
    expect(memory.complete(settled())).toEqual(settled());
    expect(memory.complete(nothing)).toEqual(nothing);
  });

  it("is forgotten when it is not shown for minutes", () => {
    const clock = new ManualClock();
    const memory = new LinkMemory(clock);
    memory.remember(made);
    clock.ms += 5 * 60_000;
    expect(memory.complete(nothing)).toEqual(nothing);
  });
});
