import { describe, expect, it } from "vitest";
import type { FirewallMemory, ObservedFirewall } from "../../agent/model/firewall.ts";
import { describeStep } from "../../agent/model/step-text.ts";
import { firewallSteps } from "../../agent/plan/firewall-steps.ts";
import { FIREWALL, freshHost, matchingHost, planOf, sample } from "../sample.ts";

const WANTED = { desired: FIREWALL, text: "the ruleset" };
const COUNTS = { ike_in: { packets: 7, bytes: 700 } };
const LOADED: ObservedFirewall = { kind: "present", listing: "as listed", counts: COUNTS };
const MEMORY: FirewallMemory = { text: WANTED.text, listing: "as listed", peers: [], open: false, encapsulated: [] };

const steps = (wanted: Parameters<typeof firewallSteps>[0], firewall: ObservedFirewall, firewallMemory?: FirewallMemory) =>
  firewallSteps(wanted, { ...freshHost(), firewall, firewallMemory });
const texts = (...args: Parameters<typeof steps>): string[] => steps(...args).map(describeStep);

describe("the firewall's table", () => {
  it("is left alone when it is as it was loaded, and what was loaded is wanted", () => {
    expect(steps(WANTED, LOADED, MEMORY)).toEqual([]);
  });

  it.each([
    ["it is not there", { kind: "absent", counts: {} }, MEMORY],
    ["it is not as it was loaded", { ...LOADED, listing: "edited" }, MEMORY],
    ["it changed", LOADED, { ...MEMORY, text: "an older ruleset" }],
    ["nobody remembers what is in it", LOADED, undefined],
  ] as const)("is loaded as a whole when %s", (why, firewall, memory) => {
    expect(texts(WANTED, firewall, memory)).toEqual([`load the firewall's table: ${why}`]);
  });

  it("goes on counting where it was, also when somebody took it away", () => {
    const changed = { ...MEMORY, text: "an older ruleset" };
    for (const firewall of [LOADED, { kind: "absent", counts: COUNTS } as const])
      expect(steps(WANTED, firewall, changed)).toEqual([expect.objectContaining({ counts: COUNTS })]);
  });

  it("is removed when the firewall is the owner's, and only then", () => {
    expect(texts("off", LOADED, MEMORY)).toEqual(["remove the firewall's table"]);
    expect(texts("off", LOADED)).toEqual(["remove the firewall's table"]);
    expect(texts("off", { kind: "absent", counts: {} })).toEqual([]);
    expect(texts("held", LOADED, MEMORY)).toEqual([]);
  });

  it("is not touched where it cannot be looked at", () => {
    for (const firewall of [{ kind: "none" }, { kind: "unknown", text: "no nft", fix: "install it" }] as const)
      expect([...steps(WANTED, firewall, MEMORY), ...steps("off", firewall, MEMORY)]).toEqual([]);
  });
});

describe("in a pass", () => {
  const absent: ObservedFirewall = { kind: "absent", counts: {} };

  it("comes before the host forwards, before charon hears of the tunnels, and before one is brought up", () => {
    const kinds = planOf(sample(), { ...freshHost(), firewall: absent }, { firewall: WANTED }).steps.map(({ kind }) => kind);
    const [loaded, charon, first] = [kinds.indexOf("apply-firewall"), kinds.indexOf("restart-charon"), kinds.indexOf("initiate")];
    expect(kinds.slice(0, loaded)).not.toContain("set-sysctl");
    expect(kinds).toContain("set-sysctl");
    expect(loaded).toBeLessThan(charon);
    expect(charon).toBeLessThan(first);
  });

  it("is repaired alone when nothing else is wrong", () => {
    const host = { ...matchingHost(sample()), firewall: absent, firewallMemory: MEMORY };
    expect(planOf(sample(), host, { firewall: WANTED }).steps.map(({ kind }) => kind)).toEqual(["apply-firewall"]);
  });

  it("is taken away although nothing is known of any connection", () => {
    const host = { ...freshHost(), firewall: LOADED };
    expect(planOf(sample({ connections: [] }), host, { firewall: "off" }).steps).toEqual([{ kind: "remove-firewall" }]);
  });
});
