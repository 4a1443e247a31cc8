import { describe, expect, it } from "vitest";
import { TunnelMemory } from "../../agent/loop/tunnel-memory.ts";
import { ManualClock } from "../lib/support.ts";
import { childUp, ikeUp, sample, tunnelOf } from "../sample.ts";

const own = sample();
const tunnels = own.desired.tunnels;
const [one, two] = [tunnelOf(own, 1), tunnelOf(own, 2)];
const KEY = "acme-space/office";

const setUp = () => {
  const clock = new ManualClock();
  return { clock, memory: new TunnelMemory(clock) };
};

describe("what the agent remembers of its tunnels", () => {
  it("is which went up or down since the last look", () => {
    const { memory } = setUp();
    expect(memory.take([], tunnels)).toEqual([]);
    expect(memory.take([ikeUp(one)], tunnels)).toEqual([{ conn: one.conn, up: true }]);
    expect(memory.take([ikeUp(one)], tunnels)).toEqual([]);
    expect(memory.take([ikeUp(two)], tunnels)).toEqual([
      { conn: one.conn, up: false },
      { conn: two.conn, up: true },
    ]);
  });

  it("is how often each was lost, ever and during the last hour", () => {
    const { memory, clock } = setUp();
    const flap = (): void => {
      memory.take([ikeUp(one)], tunnels);
      memory.take([], tunnels);
    };
    flap();
    clock.ms += 1_800_000;
    flap();
    clock.ms += 1_799_999;
    expect([memory.losses(one.conn), memory.recentLosses(one.conn)]).toEqual([2, 2]);
    clock.ms += 1;
    expect([memory.losses(one.conn), memory.recentLosses(one.conn)]).toEqual([2, 1]);
    expect([memory.losses(two.conn), memory.recentLosses(two.conn)]).toEqual([0, 0]);
  });

  it("calls a tunnel up that it finds up", () => {
    const { memory } = setUp();
    expect(memory.take([ikeUp(one)], tunnels)).toEqual([{ conn: one.conn, up: true }]);
  });

  it("calls a tunnel up only for its CHILD_SA", () => {
    const { memory } = setUp();
    memory.take([ikeUp(one, { childSas: [] }), ikeUp(two, { childSas: [childUp(two, { state: "INSTALLING" })] })], tunnels);
    expect([memory.isUp(one.conn), memory.isUp(two.conn)]).toEqual([false, false]);
  });

  it("sees no change in a rekey, whatever the number of SAs", () => {
    const { memory } = setUp();
    memory.take([ikeUp(one)], tunnels);
    const rekeying = ikeUp(one, {
      childSas: [childUp(one, { state: "REKEYED" }), childUp(one, { uniqueId: 9, state: "INSTALLED" })],
    });
    expect(memory.take([rekeying, ikeUp(one, { uniqueId: 8, childSas: [] })], tunnels)).toEqual([]);
  });

  it("is since when a tunnel has been up or down, in wall time", () => {
    const { clock, memory } = setUp();
    expect(memory.since(one.conn)).toBe(memory.startedAt);
    clock.ms += 5000;
    memory.take([ikeUp(one)], tunnels);
    const upSince = clock.now();
    clock.ms += 5000;
    memory.take([ikeUp(one)], tunnels);
    expect(memory.since(one.conn)).toBe(upSince);
    memory.take([], tunnels);
    expect(memory.since(one.conn)).toBe(clock.now());
  });

  it("gives a connection its time to come up, and no more", () => {
    const { clock, memory } = setUp();
    memory.take([], tunnels);
    clock.ms += 30_000;
    expect(memory.settled(KEY)).toBe(false);
    clock.ms += 1;
    expect(memory.settled(KEY)).toBe(true);
  });

  it("takes a connection for settled once a tunnel of it was up", () => {
    const { memory } = setUp();
    memory.take([ikeUp(two)], tunnels);
    memory.take([], tunnels);
    expect(memory.settled(KEY)).toBe(true);
    expect([memory.wasUp(one.conn), memory.wasUp(two.conn)]).toEqual([false, true]);
  });

  it("keeps counters through the loss of every SA", () => {
    const { memory } = setUp();
    const withPackets = (packetsIn: number) => ikeUp(one, { childSas: [childUp(one, { spiIn: "c1", packetsIn })] });
    memory.take([withPackets(10)], tunnels);
    memory.take([], tunnels);
    memory.take([ikeUp(one, { childSas: [childUp(one, { spiIn: "c2", packetsIn: 4 })] })], tunnels);
    expect(memory.totals(one.conn).packetsIn).toBe(14);
  });
});
