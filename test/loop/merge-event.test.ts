import { describe, expect, it } from "vitest";
import { mergeEvent } from "../../agent/loop/merge-event.ts";
import type { ObservedIke } from "../../agent/model/observed.ts";
import { childUp, ikeUp, sample } from "../sample.ts";

const { desired } = sample();
const [first, second] = desired.tunnels;
if (!first || !second) throw new Error("the sample has two tunnels");

const up = [ikeUp(first), ikeUp(second)];
const words = (sas: readonly ObservedIke[]) =>
  sas.map((ike) => `${ike.uniqueId}: ${ike.childSas.map((child) => child.uniqueId).join(" ")}`).sort();

describe("the SAs that are known, as an event alters them", () => {
  it("lose the CHILD_SA that went down, and keep its IKE_SA and the other tunnel", () => {
    expect(words(mergeEvent(up, { kind: "child", up: false, ikeSas: [ikeUp(first)] }))).toEqual(["1: ", "2: 102"]);
  });

  it("lose an IKE_SA with its children", () => {
    expect(words(mergeEvent(up, { kind: "ike", up: false, ikeSas: [ikeUp(first, { childSas: [] })] }))).toEqual(["2: 102"]);
  });

  it("gain a CHILD_SA beside the ones that are there", () => {
    const told = ikeUp(first, { childSas: [childUp(first, { uniqueId: 7 })] });
    expect(words(mergeEvent(up, { kind: "child", up: true, ikeSas: [told] }))).toEqual(["1: 101 7", "2: 102"]);
  });

  it("gain an IKE_SA that nobody knew", () => {
    const told = ikeUp(first, { uniqueId: 9, childSas: [] });
    expect(words(mergeEvent(up, { kind: "ike", up: true, ikeSas: [told] }))).toEqual(["1: 101", "2: 102", "9: "]);
  });

  it("keep an IKE_SA's children when it goes up, for instance after a reauthentication", () => {
    expect(words(mergeEvent(up, { kind: "ike", up: true, ikeSas: [ikeUp(first, { childSas: [] })] }))).toEqual([
      "1: 101",
      "2: 102",
    ]);
  });

  it("stay as they are when the event names nothing", () => {
    expect(mergeEvent(up, { kind: "child", up: false, ikeSas: [] })).toEqual(up);
  });
});
