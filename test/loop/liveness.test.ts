import { describe, expect, it, onTestFinished } from "vitest";
import type { AttemptState } from "../../agent/apply/bring-up.ts";
import { Liveness } from "../../agent/loop/liveness.ts";
import { TunnelMemory } from "../../agent/loop/tunnel-memory.ts";
import type { ObservedIke } from "../../agent/model/observed.ts";
import type { ProbeResult } from "../../agent/observe/probe-target.ts";
import { logLines, ManualClock } from "../lib/support.ts";
import { childUp, ikeUp, sample, sampleEntry, sampleSettings, tunnelOf } from "../sample.ts";

type Routing = "vti" | "policy";

const PROBE = { target: "10.0.0.10", protocol: "icmp", interval: "200ms", misses: 3 };

const attempt = (changes: Partial<AttemptState> = {}): AttemptState => ({
  inFlight: true,
  startedAt: 1000,
  notBefore: 0,
  failures: 0,
  failure: "",
  lines: [],
  failureLines: [],
  ...changes,
});

const setUp = ({ routing = "vti" as Routing, probe = undefined as object | undefined } = {}) => {
  const settings = sampleSettings([sampleEntry({ routing, ...(probe ? { probe } : {}) })]);
  const own = sample({ settings });
  const all = own.desired.tunnels;
  const clock = new ManualClock();
  const tunnels = new TunnelMemory(clock);
  const attempts: Record<string, AttemptState> = {};
  const tell = new Map<string, (result: ProbeResult) => void>();
  const liveness = new Liveness({
    prober: async (target, onResult, signal) => {
      tell.set(`${target.target} ${target.mark}`, onResult);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return "aborted";
    },
    clock,
    log: logLines(),
    tunnels,
    attempts: () => attempts,
    onVerdict: () => {},
  });
  onTestFinished(() => liveness.stop());
  /** A look at charon's SAs, as the gateway takes one. */
  const look = (...sas: ObservedIke[]): void => {
    tunnels.take(sas, all);
    liveness.follow(settings, all, ["172.16.0.2"]);
    liveness.count(all);
    liveness.watchSilence(all);
  };
  const [one, two] = [tunnelOf(own, 1), tunnelOf(own, 2)];
  const answer = (index: 1 | 2, result: ProbeResult): void =>
    tell.get(`10.0.0.10 ${index === 1 ? one.probeMark : two.probeMark}`)?.(result);
  return { clock, attempts, liveness, look, one, two, answer };
};

type World = ReturnType<typeof setUp>;

const withPackets = (tunnel: World["one"], packetsIn: number, packetsOut: number, spiIn = "c1"): ObservedIke =>
  ikeUp(tunnel, { childSas: [childUp(tunnel, { spiIn, packetsIn, packetsOut })] });

const stateOf = ({ liveness }: World, tunnel: World["one"], carries: boolean) => liveness.candidate(tunnel, carries, false).state;

describe("a tunnel's state, as steering sees it", () => {
  it("is coming until a first try has had its verdict", () => {
    const world = setUp();
    world.look();
    expect(stateOf(world, world.one, true)).toBe("coming");
    world.attempts[world.one.conn] = attempt();
    world.clock.ms += 2999;
    expect(stateOf(world, world.one, true)).toBe("coming");
    world.clock.ms += 1;
    expect(stateOf(world, world.one, true)).toBe("down");
  });

  it("is down after a try that failed", () => {
    const world = setUp();
    world.look();
    world.attempts[world.one.conn] = attempt({ inFlight: false, failures: 1, notBefore: 9000 });
    expect(stateOf(world, world.one, true)).toBe("down");
  });

  it("is up with a CHILD_SA, and down the moment that one is gone", () => {
    const world = setUp();
    world.look(ikeUp(world.one));
    expect(stateOf(world, world.one, true)).toBe("up");
    world.look();
    expect(stateOf(world, world.one, true)).toBe("down");
  });

  it("with policy routing the idle tunnel is ready, unless it failed a moment ago", () => {
    const world = setUp({ routing: "policy" });
    world.look(ikeUp(world.one));
    expect(stateOf(world, world.two, false)).toBe("ready");
    world.attempts[world.two.conn] = attempt({ inFlight: false, failures: 1, notBefore: 5000 });
    expect(stateOf(world, world.two, false)).toBe("down");
    world.clock.ms = 5000;
    expect(stateOf(world, world.two, false)).toBe("ready");
  });

  it.each([
    ["never tried since", undefined],
    ["whose last try failed long ago", attempt({ inFlight: false, failures: 1, startedAt: 0, notBefore: 900 })],
  ])("with policy routing a tunnel that traffic was just moved to is coming, though it was up before and %s", (_name, before) => {
    const world = setUp({ routing: "policy" });
    world.look(ikeUp(world.two));
    world.look(ikeUp(world.one));
    if (before) world.attempts[world.two.conn] = before;
    expect(stateOf(world, world.two, false)).toBe("ready");
    world.look();
    expect(stateOf(world, world.two, true)).toBe("coming");
    world.clock.ms += 2999;
    expect(stateOf(world, world.two, true)).toBe("coming");
    world.clock.ms += 1;
    expect(stateOf(world, world.two, true)).toBe("down");
  });

  it("with policy routing a carrier that loses its CHILD_SA is down at once", () => {
    const world = setUp({ routing: "policy" });
    expect(stateOf(world, world.one, true)).toBe("coming");
    world.look(ikeUp(world.one));
    expect(stateOf(world, world.one, true)).toBe("up");
    world.look();
    expect(stateOf(world, world.one, true)).toBe("down");
  });
});

describe("what proves that a tunnel passes", () => {
  it("are its own probes where there are any, whatever the counters say", () => {
    const world = setUp({ probe: PROBE });
    const { look, one, two, answer, liveness, clock } = world;
    look(withPackets(one, 10, 10), ikeUp(two));
    answer(1, 1);
    for (const out of [20, 40, 60]) {
      clock.ms += 1000;
      look(withPackets(one, 10, out), ikeUp(two));
    }
    expect(liveness.verdict(one.conn).passing).toBe(true);
    for (let n = 0; n < 3; n += 1) answer(1, null);
    expect(liveness.verdict(one.conn).passing).toBe(false);
    expect(liveness.verdict(two.conn).passing).toBeNull();
  });

  it("are the counters where there are none", () => {
    const { look, one, two, liveness, clock } = setUp();
    look(withPackets(one, 10, 10), ikeUp(two));
    expect(liveness.verdict(one.conn).passing).toBeNull();
    clock.ms += 1000;
    look(withPackets(one, 10, 20), ikeUp(two));
    expect(liveness.verdict(one.conn).passing).toBe(false);
    expect(liveness.verdict(two.conn).passing).toBeNull();
    look(withPackets(one, 11, 20), ikeUp(two));
    expect(liveness.verdict(one.conn).passing).toBeNull();
  });

  it("is nothing that was known of a tunnel which went down", () => {
    const { look, one, two, answer, liveness } = setUp({ probe: PROBE });
    look(ikeUp(one), ikeUp(two));
    for (let n = 0; n < 3; n += 1) answer(1, null);
    look(ikeUp(two));
    expect(liveness.verdict(one.conn).passing).toBeNull();
    expect(liveness.candidate(one, true, false)).toMatchObject({ state: "down", probed: false });
  });
});

describe("a tunnel that is up and dead", () => {
  const dead = (): World => {
    const world = setUp({ probe: PROBE });
    world.look(ikeUp(world.one), ikeUp(world.two));
    for (let n = 0; n < 3; n += 1) world.answer(1, null);
    world.answer(2, 1);
    world.look(ikeUp(world.one), ikeUp(world.two));
    return world;
  };

  it("is hopeless after five seconds without a packet", () => {
    const { liveness, clock, one } = dead();
    clock.ms += 4999;
    expect(liveness.hopeless()).toEqual([]);
    clock.ms += 1;
    expect(liveness.hopeless()).toEqual([one.conn]);
  });

  it("is not hopeless while packets come in: then only the probe's target is silent", () => {
    const { liveness, clock, look, one, two } = dead();
    for (let n = 1; n <= 10; n += 1) {
      clock.ms += 4000;
      look(withPackets(one, n, n), ikeUp(two));
    }
    expect(liveness.hopeless()).toEqual([]);
  });

  it("is not hopeless once it passes, or is down", () => {
    const { liveness, clock, look, one, two, answer } = dead();
    clock.ms += 5000;
    answer(1, 3);
    look(ikeUp(one), ikeUp(two));
    expect(liveness.hopeless()).toEqual([]);
    for (let n = 0; n < 3; n += 1) answer(1, null);
    look(ikeUp(one), ikeUp(two));
    clock.ms += 5000;
    look(ikeUp(two));
    expect(liveness.hopeless()).toEqual([]);
  });

  it("is not hopeless once it is wanted no more: nothing would ever be made anew", () => {
    const { liveness, clock } = dead();
    clock.ms += 5000;
    liveness.watchSilence([]);
    expect(liveness.hopeless()).toEqual([]);
  });

  it("asks for twice the patience after each rebuilding that did not help, five minutes at most", () => {
    const { liveness, clock, look, one, two, answer } = dead();
    const waits: number[] = [];
    for (let n = 0; n < 9; n += 1) {
      const from = clock.ms;
      while (liveness.hopeless().length === 0) clock.ms += 1000;
      waits.push((clock.ms - from) / 1000);
      liveness.noteRebuilt([one]);
      look(ikeUp(two));
      look(ikeUp(one), ikeUp(two));
      for (let misses = 0; misses < 3; misses += 1) answer(1, null);
      look(ikeUp(one), ikeUp(two));
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  it("is given the first patience again after it passed", () => {
    const { liveness, clock, look, one, two, answer } = dead();
    clock.ms += 5000;
    liveness.noteRebuilt([one]);
    answer(1, 2);
    look(ikeUp(one), ikeUp(two));
    for (let n = 0; n < 3; n += 1) answer(1, null);
    look(ikeUp(one), ikeUp(two));
    clock.ms += 5000;
    expect(liveness.hopeless()).toEqual([one.conn]);
  });
});

describe("two tunnels that are up and dead at once", () => {
  /** Neither has passed for five seconds; nothing is known of who is to blame. */
  const bothDead = (options: { readonly routing?: Routing; readonly probe?: object | undefined } = {}): World => {
    const world = setUp({ probe: PROBE, ...options });
    const { look, one, two, answer, clock } = world;
    look(ikeUp(one), ikeUp(two));
    for (let n = 0; n < 3; n += 1) {
      answer(1, null);
      answer(2, null);
    }
    look(ikeUp(one), ikeUp(two));
    clock.ms += 5000;
    return world;
  };

  it("are taken down one after the other: the second waits for what the first one's end brings", () => {
    const { liveness, look, one, two, clock } = bothDead();
    expect(liveness.hopeless()).toEqual([one.conn, two.conn]);
    liveness.noteRebuilt([one]);
    look(ikeUp(two));
    expect([liveness.hopeless(), liveness.isKeptDown(one.conn)]).toEqual([[], true]);
    clock.ms += 2000;
    look(ikeUp(two));
    expect([liveness.hopeless(), liveness.isKeptDown(one.conn)]).toEqual([[two.conn], false]);
  });

  it("mean that the one rests without which the other passes", () => {
    const { liveness, look, one, two, answer, clock } = bothDead();
    liveness.noteRebuilt([one]);
    look(ikeUp(two));
    expect(liveness.drawsAnswers(one.conn)).toBe(false);
    answer(2, 1);
    look(ikeUp(two));
    expect([liveness.isKeptDown(one.conn), liveness.drawsAnswers(one.conn)]).toEqual([true, true]);
    clock.ms += 19_999;
    expect(liveness.isKeptDown(one.conn)).toBe(true);
    clock.ms += 1;
    expect(liveness.isKeptDown(one.conn)).toBe(false);
  });

  it("mean the same for the second one, when the first was not to blame", () => {
    const { liveness, look, one, two, answer, clock } = bothDead();
    liveness.noteRebuilt([one]);
    clock.ms += 2000;
    look(ikeUp(two));
    liveness.noteRebuilt([two]);
    look(ikeUp(one));
    answer(1, 1);
    look(ikeUp(one));
    expect([liveness.isKeptDown(one.conn), liveness.drawsAnswers(two.conn)]).toEqual([false, true]);
  });

  it("mean no rest any more when the other one does not pass either", () => {
    const { liveness, look, one, two, answer } = bothDead();
    liveness.noteRebuilt([one]);
    look(ikeUp(two));
    answer(2, 1);
    look(ikeUp(two));
    for (let n = 0; n < 3; n += 1) answer(2, null);
    expect(liveness.isKeptDown(one.conn)).toBe(false);
    look();
    expect(liveness.isKeptDown(one.conn)).toBe(false);
  });

  it("are not waited for a second time, when the one that rested does the same harm again", () => {
    const { liveness, look, one, two, answer, clock } = bothDead();
    liveness.noteRebuilt([one]);
    look(ikeUp(two));
    answer(2, 1);
    look(ikeUp(two));
    clock.ms += 20_000;
    look(ikeUp(one), ikeUp(two));
    for (let n = 0; n < 3; n += 1) {
      answer(1, null);
      answer(2, null);
    }
    look(ikeUp(one), ikeUp(two));
    expect(liveness.hopeless()).toEqual([one.conn]);
    liveness.noteRebuilt([one]);
    answer(2, 1);
    look(ikeUp(two));
    clock.ms += 39_999;
    expect(liveness.isKeptDown(one.conn)).toBe(true);
  });

  it("have no trial with policy routing, where one is up only without the other", () => {
    const { liveness, one } = bothDead({ routing: "policy" });
    liveness.noteRebuilt([one]);
    expect(liveness.isKeptDown(one.conn)).toBe(false);
  });

  it("have no trial without probes: counters cannot tell that the other one passes", () => {
    const { liveness, one } = bothDead({ probe: undefined });
    liveness.noteRebuilt([one]);
    expect(liveness.isKeptDown(one.conn)).toBe(false);
  });
});

describe("a tunnel that is dead beside one that passes", () => {
  it("is made anew without a trial", () => {
    const { liveness, look, one, two, answer } = setUp({ probe: PROBE });
    look(ikeUp(one), ikeUp(two));
    answer(2, 1);
    for (let n = 0; n < 3; n += 1) answer(1, null);
    liveness.noteRebuilt([one]);
    expect(liveness.isKeptDown(one.conn)).toBe(false);
  });
});
