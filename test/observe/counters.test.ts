import { beforeEach, describe, expect, it } from "vitest";
import type { ObservedChild, ObservedIke } from "../../agent/model/observed.ts";
import { CounterBook } from "../../agent/observe/counters.ts";

const NOW = 1_700_000_000_000;

const child = (changes: Partial<ObservedChild> = {}): ObservedChild => ({
  name: "vpn1",
  uniqueId: 1,
  state: "INSTALLED",
  spiIn: "c0000001",
  spiOut: "c1000001",
  encap: false,
  bytesIn: 0,
  bytesOut: 0,
  packetsIn: 0,
  packetsOut: 0,
  localTs: ["172.16.0.0/16"],
  remoteTs: ["10.0.0.0/16"],
  ...changes,
});

const ike = (...childSas: ObservedChild[]): ObservedIke => ({
  name: childSas[0]?.name ?? "vpn1",
  uniqueId: 1,
  version: 1,
  state: "ESTABLISHED",
  localHost: "203.0.113.10",
  remoteHost: "34.203.187.158",
  childSas,
});

const counted = (n: number) => ({ bytesIn: n * 100, bytesOut: n * 10, packetsIn: n, packetsOut: n * 2 });

let book: CounterBook;

beforeEach(() => {
  book = new CounterBook();
});

const look = (...children: ObservedChild[]): void => book.take([ike(...children)], NOW);
const packetsIn = (): number => book.totals("vpn1").packetsIn;

describe("a tunnel's counters", () => {
  it("are zero before anything was seen", () => {
    expect(book.totals("vpn1")).toEqual({
      bytesIn: 0,
      bytesOut: 0,
      packetsIn: 0,
      packetsOut: 0,
      childRekeys: 0,
      lastPacketInAt: null,
    });
  });

  it("are the SA's own, however often it is looked at", () => {
    for (const n of [3, 3, 5]) look(child(counted(n)));
    expect(book.totals("vpn1")).toMatchObject(counted(5));
  });

  it("go on where the old SA ended when keys are renewed", () => {
    look(child(counted(10)));
    book.takeReplaced(child({ ...counted(12), state: "REKEYED" }), NOW);
    look(child({ ...counted(1), uniqueId: 2, spiIn: "c0000002" }));
    expect(book.totals("vpn1")).toMatchObject({ ...counted(13), childRekeys: 1 });
  });

  it("count an SA once while it is listed beside its successor", () => {
    look(child(counted(10)));
    const replaced = child({ ...counted(12), state: "REKEYED" });
    const fresh = child({ ...counted(1), uniqueId: 2, spiIn: "c0000002" });
    book.takeReplaced(replaced, NOW);
    look(replaced, fresh);
    look(fresh, replaced);
    look(fresh);
    expect(packetsIn()).toBe(13);
  });

  it("count an SA once when the event that it was replaced comes after a look that no longer shows it", () => {
    look(child(counted(10)));
    look(child({ ...counted(1), uniqueId: 2, spiIn: "c0000002" }));
    book.takeReplaced(child({ ...counted(12), state: "REKEYED" }), NOW);
    expect(packetsIn()).toBe(13);
  });

  it("do not go back when charon starts anew, whatever numbers it gives", () => {
    look(child(counted(10)));
    book.take([], NOW);
    look(child({ ...counted(2), spiIn: "c0000009" }));
    expect(packetsIn()).toBe(12);
    look(child({ ...counted(1), spiIn: "c0000009" }));
    expect(packetsIn()).toBe(13);
  });

  it("add SAs that exist twice", () => {
    look(child(counted(4)), child({ ...counted(5), uniqueId: 2, spiIn: "c0000002" }));
    look(child({ ...counted(5), uniqueId: 2, spiIn: "c0000002" }), child(counted(4)));
    expect(packetsIn()).toBe(9);
  });

  it("tell SAs apart that have no SPI, as `ipsec statusall` shows what a rekey leaves behind", () => {
    const without = [child({ ...counted(100), spiIn: undefined }), child({ ...counted(5), uniqueId: 2, spiIn: undefined })];
    for (let turn = 0; turn < 3; turn += 1) look(...without);
    expect(packetsIn()).toBe(105);
  });

  it("are each tunnel's own", () => {
    book.take([ike(child(counted(1))), ike(child({ ...counted(2), name: "vpn2", spiIn: "c0000002" }))], NOW);
    expect([packetsIn(), book.totals("vpn2").packetsIn]).toEqual([1, 2]);
  });

  it("never go back, whatever is seen in whatever order", () => {
    let before = 0;
    for (let turn = 0; turn < 500; turn += 1) {
      const n = (turn * 7919) % 23;
      const seen = child({ ...counted(n), spiIn: `c${turn % 4}`, uniqueId: turn % 4 });
      if (turn % 11 === 0) book.takeReplaced(seen, NOW);
      else book.take(turn % 13 === 0 ? [] : [ike(seen)], NOW);
      expect(packetsIn()).toBeGreaterThanOrEqual(before);
      before = packetsIn();
    }
  });
});

describe("the last packet", () => {
  const lastAt = (): number | null => book.totals("vpn1").lastPacketInAt;

  it("came as long ago as charon says", () => {
    look(child({ ...counted(1), useInS: 4 }));
    expect(lastAt()).toBe(NOW - 4000);
  });

  it("stays when none came since", () => {
    look(child({ ...counted(1), useInS: 4 }));
    book.take([ike(child({ ...counted(1), useInS: 10 }))], NOW + 6000);
    expect(lastAt()).toBe(NOW - 4000);
  });

  it("is unknown while none came", () => {
    look(child({ packetsOut: 5 }));
    expect(lastAt()).toBeNull();
  });

  it("is the newest of all SAs, in whatever order they are listed", () => {
    look(child({ ...counted(1), useInS: 0 }), child({ ...counted(1), useInS: 9, uniqueId: 2, spiIn: "c0000002" }));
    expect(lastAt()).toBe(NOW);
  });

  it("is not held in the future when the clock was set back", () => {
    look(child({ ...counted(1), useInS: 0 }));
    book.take([ike(child({ ...counted(2), useInS: 1 }))], NOW - 3_600_000);
    expect(lastAt()).toBe(NOW - 3_601_000);
  });
});
