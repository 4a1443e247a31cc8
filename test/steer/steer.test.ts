import { describe, expect, it } from "vitest";
import { type Candidate, type SteerMemory, type SteerOptions, steer } from "../../agent/steer/steer.ts";
import { Random } from "../vici/random.ts";

const PREFER_1: SteerOptions = { preferred: 1, holdDownMs: 60_000 };
const PREFER_NONE: SteerOptions = { preferred: undefined, holdDownMs: 60_000 };

const NONE = { sent: 0, lost: 0 };

/** Tunnels in a word: what steering may see of one. */
const WORDS = {
  passes: { state: "up", passing: true, probed: true, sent: 100, lost: 0 },
  /** As a good line does on a bad day. */
  drips: { state: "up", passing: true, probed: true, sent: 100, lost: 2 },
  /** Neither good nor bad. */
  leaks: { state: "up", passing: true, probed: true, sent: 100, lost: 9 },
  loses: { state: "up", passing: true, probed: true, sent: 100, lost: 21 },
  /** It has just begun to pass. */
  fresh: { state: "up", passing: true, probed: true, sent: 49, lost: 0 },
  /** The same, and it loses: too little to tell how much. */
  begins: { state: "up", passing: true, probed: true, sent: 49, lost: 10 },
  dead: { state: "up", passing: false, probed: true, sent: 1, lost: 1 },
  untold: { state: "up", passing: null, probed: true, sent: 1, lost: 1 },
  up: { state: "up", passing: null, probed: false, ...NONE },
  stalled: { state: "up", passing: false, probed: false, ...NONE },
  coming: { state: "coming", passing: null, probed: false, ...NONE },
  ready: { state: "ready", passing: null, probed: false, ...NONE },
  down: { state: "down", passing: null, probed: false, ...NONE },
} satisfies Record<string, Omit<Candidate, "index" | "changing">>;

const isWord = (text: string): text is keyof typeof WORDS => text in WORDS;

/** "passes", or "passes*" for one whose SAs the agent is about to replace. */
const candidate = (index: 1 | 2, text: string): Candidate => {
  const word = text.replace("*", "");
  if (!isWord(word)) throw new Error(`no such word: ${text}`);
  return { index, ...WORDS[word], changing: text.endsWith("*") };
};

const START: SteerMemory = { carrier: 1, tunnels: {} };

/** A timeline, one observation a line: "SECONDS TUNNEL_1 TUNNEL_2 -> CARRIER". Returns the lines with the carriers that steering chose. */
const play = (lines: readonly string[], options: SteerOptions, memory = START): string[] => {
  let now = memory;
  return lines.map((line) => {
    const [at = "", one = "", two = ""] = line.split(/\s+/);
    const result = steer([candidate(1, one), candidate(2, two)], now, options, Number(at) * 1000);
    now = result.memory;
    return line.replace(/->.*/, `-> ${result.memory.carrier}${result.move === undefined ? "" : "!"}`);
  });
};

/** Each line ends with the carrier after it; "!" where traffic moves. */
const SITUATIONS: Readonly<Record<string, { options?: SteerOptions; lines: readonly string[] }>> = {
  "a carrier whose probes fail is left at once": {
    lines: ["0 passes passes -> 1", "9.8 passes passes -> 1", "10 dead passes -> 2!"],
  },
  "a carrier whose CHILD_SA is gone is left at once": {
    lines: ["0 passes passes -> 1", "1 down passes -> 2!"],
  },
  "a stalled carrier is left at once": { lines: ["0 up up -> 1", "1 stalled up -> 2!"] },
  "a carrier that is up is not left for one that is not proven": {
    lines: ["0 passes passes -> 1", "1 dead untold -> 1", "2 dead dead -> 1", "3 dead passes -> 2!"],
  },
  "a carrier without a CHILD_SA is left for one that has one, proven or not": {
    lines: ["0 passes untold -> 1", "1 down untold -> 2!"],
  },
  "a carrier without a CHILD_SA is not left for one that is proven dead": {
    lines: ["0 passes dead -> 1", "1 down dead -> 1", "2 down down -> 1"],
  },
  "with both dead traffic stays, and moves to the first that is back": {
    lines: ["0 passes passes -> 1", "1 dead dead -> 1", "60 dead dead -> 1", "61 dead passes -> 2!", "62 passes passes -> 2"],
  },
  "one failure is one move": {
    lines: ["0 passes passes -> 1", "1 dead passes -> 2!", "2 dead passes -> 2", "3 down passes -> 2", "4 dead passes -> 2"],
  },
  "a tunnel that has not failed is preferred after two seconds": {
    lines: [
      "0 coming untold -> 1",
      "3 coming passes -> 2!",
      "10 passes passes -> 2",
      "11.9 passes passes -> 2",
      "12 passes passes -> 1!",
    ],
  },
  "a tunnel that failed is preferred again after the hold-down": {
    lines: [
      "0 passes passes -> 1",
      "10 dead passes -> 2!",
      "20 passes passes -> 2",
      "79.9 passes passes -> 2",
      "80 passes passes -> 1!",
    ],
  },
  "an interruption begins the hold-down anew, doubled": {
    lines: [
      "0 passes passes -> 1",
      "10 dead passes -> 2!",
      "20 passes passes -> 2",
      "50 dead passes -> 2",
      "60 passes passes -> 2",
      "120 passes passes -> 2",
      "179.9 passes passes -> 2",
      "180 passes passes -> 1!",
    ],
  },
  "the third failure costs four hold-downs": {
    lines: [
      "0 passes passes -> 1",
      "10 dead passes -> 2!",
      "20 passes passes -> 2",
      "80 passes passes -> 1!",
      "90 dead passes -> 2!",
      "100 passes passes -> 2",
      "220 passes passes -> 1!",
      "230 dead passes -> 2!",
      "240 passes passes -> 2",
      "479.9 passes passes -> 2",
      "480 passes passes -> 1!",
    ],
  },
  "well for ten hold-downs, old failures are forgotten": {
    lines: [
      "0 passes passes -> 1",
      "10 dead passes -> 2!",
      "20 passes passes -> 2",
      "80 passes passes -> 1!",
      "620 passes passes -> 1",
      "630 dead passes -> 2!",
      "640 passes passes -> 2",
      "699.9 passes passes -> 2",
      "700 passes passes -> 1!",
    ],
  },
  "only clean probes count for the hold-down": {
    lines: [
      "0 passes passes -> 1",
      "10 dead passes -> 2!",
      "20 loses passes -> 2",
      "200 loses passes -> 2",
      "210 leaks passes -> 2",
      "220 drips passes -> 2",
      "279.9 drips passes -> 2",
      "280 passes passes -> 1!",
    ],
  },
  "a tunnel that failed must show fifty clean probes, however short the hold-down": {
    options: { preferred: 1, holdDownMs: 1000 },
    lines: [
      "0 passes passes -> 1",
      "10 dead passes -> 2!",
      "20 fresh passes -> 2",
      "29 fresh passes -> 2",
      "29.2 passes passes -> 1!",
    ],
  },
  "losing probes begins the hold-down anew, and does not double it": {
    lines: [
      "0 passes passes -> 1",
      "10 dead passes -> 2!",
      "20 passes passes -> 2",
      "70 leaks passes -> 2",
      "75 passes passes -> 2",
      "134.9 passes passes -> 2",
      "135 passes passes -> 1!",
    ],
  },
  "a tunnel that has not failed is preferred only when it is clean": {
    lines: [
      "0 coming passes -> 2!",
      "1 leaks passes -> 2",
      "9 leaks passes -> 2",
      "10 passes passes -> 2",
      "12 passes passes -> 1!",
    ],
  },
  "failures are not forgotten while probes are lost": {
    lines: [
      "0 passes passes -> 1",
      "10 dead passes -> 2!",
      "20 leaks passes -> 2",
      "9000 leaks passes -> 2",
      "9010 passes passes -> 2",
      "9069.9 passes passes -> 2",
      "9070 passes passes -> 1!",
    ],
  },
  "a carrier that loses a fifth is left for one that has long been clean, and failed by that": {
    lines: [
      "0 passes passes -> 1",
      "10 loses passes -> 2!",
      "100 loses passes -> 2",
      "110 passes passes -> 2",
      "169.9 passes passes -> 2",
      "170 passes passes -> 1!",
      "180 loses passes -> 2!",
      "190 passes passes -> 2",
      "309.9 passes passes -> 2",
      "310 passes passes -> 1!",
    ],
  },
  "a carrier that loses a fifth is not left for one that loses too, or whose proof is short": {
    lines: [
      "0 passes passes -> 1",
      "10 loses loses -> 1",
      "20 loses leaks -> 1",
      "30 loses fresh -> 1",
      "40 loses untold -> 1",
      "50 loses dead -> 1",
      "60 loses passes* -> 1",
    ],
  },
  "a carrier that loses a fifth is not left for one that failed a moment ago": {
    lines: [
      "0 passes passes -> 1",
      "10 passes dead -> 1",
      "20 loses passes -> 1",
      "79.9 loses passes -> 1",
      "80 loses passes -> 2!",
    ],
  },
  "a carrier that loses a little, or too few to tell, is not left": {
    lines: ["0 passes passes -> 1", "10 leaks passes -> 1", "20 begins passes -> 1", "99 leaks passes -> 1"],
  },
  "prefer none: a carrier that loses a fifth is left all the same": {
    options: PREFER_NONE,
    lines: ["0 passes passes -> 1", "10 loses passes -> 2!", "20 passes passes -> 2", "9999 passes passes -> 2"],
  },
  "a dead carrier is left even for one that loses a fifth": {
    lines: ["0 passes loses -> 1", "10 dead loses -> 2!"],
  },
  "policy: a carrier that loses a fifth is not left for a tunnel that is not up": {
    options: PREFER_NONE,
    lines: ["0 passes ready -> 1", "10 loses ready -> 1", "9999 loses ready -> 1"],
  },
  "a hold-down survives a failure of the tunnel that stands in": {
    lines: [
      "0 passes passes -> 1",
      "10 dead passes -> 2!",
      "20 passes passes -> 2",
      "30 passes dead -> 1!",
      "31 passes passes -> 1",
    ],
  },
  "prefer none: traffic stays where it went": {
    options: PREFER_NONE,
    lines: [
      "0 passes passes -> 1",
      "10 dead passes -> 2!",
      "20 passes passes -> 2",
      "9999 passes passes -> 2",
      "10000 passes dead -> 1!",
    ],
  },
  "traffic moves off a tunnel before it is replaced, and back afterwards": {
    lines: [
      "0 passes passes -> 1",
      "1 passes* passes -> 2!",
      "2 coming* passes -> 2",
      "3 passes passes -> 2",
      "5 passes passes -> 1!",
    ],
  },
  "what the agent takes down itself has not failed": {
    lines: [
      "0 passes passes -> 1",
      "1 passes* passes -> 2!",
      "2 down* passes -> 2",
      "3 passes passes -> 2",
      "5 passes passes -> 1!",
    ],
  },
  "a passing carrier that changes is not left for a tunnel that changes too, or is not proven": {
    lines: [
      "0 passes passes -> 1",
      "1 passes* passes* -> 1",
      "2 passes* untold -> 1",
      "3 passes* down -> 1",
      "4 passes* passes -> 2!",
    ],
  },
  "a dead carrier is left even for a tunnel that will change": {
    lines: ["0 passes passes -> 1", "1 dead passes* -> 2!"],
  },
  "policy: the idle tunnel is tried when the carrier fails": {
    options: PREFER_NONE,
    lines: ["0 up ready -> 1", "1 stalled ready -> 2!", "1.1 stalled coming -> 2", "2 ready up -> 2", "99 ready up -> 2"],
  },
  "policy: a carrier that is being brought up is waited for": {
    lines: ["0 coming ready -> 1", "2.9 coming ready -> 1", "3 down ready -> 2!"],
  },
  "policy: a tunnel that failed a moment ago is not tried": {
    lines: ["0 up down -> 1", "1 stalled down -> 1", "5 stalled ready -> 2!"],
  },
  "policy: the preferred tunnel is not brought up in place of one that carries": {
    lines: ["0 stalled ready -> 2!", "1 ready up -> 2", "9999 ready up -> 2"],
  },
};

describe("steering", () => {
  it.each(Object.entries(SITUATIONS))("%s", (_name, { options = PREFER_1, lines }) => {
    expect(play(lines, options)).toEqual(lines);
  });

  it("says why traffic moves", () => {
    const why = (one: string, two: string, memory = START, now = 0): string | undefined =>
      steer([candidate(1, one), candidate(2, two)], memory, PREFER_1, now).move;
    expect(why("down", "passes")).toMatch(/CHILD_SA is gone/);
    expect(why("dead", "passes")).toMatch(/nothing comes back/);
    expect(why("passes*", "passes")).toMatch(/about to be replaced/);
    const well = { carrier: 2, tunnels: { 1: { well: true, cleanSince: 0, failures: 0 } } } as const;
    expect(why("passes", "passes", well, 2000)).toMatch(/preferred tunnel/);
    expect(why("passes", "loses", well, 2000)).toBe("it loses 21% of the probes, and the other one next to none");
  });

  it("tells when time alone may change the decision, and is right about it", () => {
    const both = [candidate(1, "passes"), candidate(2, "passes")];
    const failed = steer(
      [candidate(1, "dead"), candidate(2, "passes")],
      { carrier: 1, tunnels: { 1: { well: true, cleanSince: 0, failures: 0 } } },
      PREFER_1,
      10_000,
    );
    const waiting = steer(both, failed.memory, PREFER_1, 20_000);
    expect(waiting.nextMs).toBe(60_000);
    expect(steer(both, waiting.memory, PREFER_1, 79_999).move).toBeUndefined();
    expect(steer(both, waiting.memory, PREFER_1, 80_000).move).toBeDefined();
  });

  it("leaves a connection with one tunnel alone", () => {
    const result = steer([candidate(1, "dead")], START, PREFER_1, 0);
    expect(result).toMatchObject({ memory: { carrier: 1 }, move: undefined, nextMs: null });
  });

  it("never lets the penalty grow beyond an hour", () => {
    const memory = { carrier: 2, tunnels: { 1: { well: true, cleanSince: 0, failures: 1000 } } } as const;
    expect(steer([candidate(1, "passes"), candidate(2, "passes")], memory, PREFER_1, 0).nextMs).toBe(3_600_000);
  });
});

const VTI_WORDS = ["passes", "drips", "leaks", "loses", "dead", "untold", "up", "stalled", "coming", "down"];

/** Random observations, seldom changing, so that hold-downs do pass. */
const timeline = (seed: number): readonly (readonly [string, string])[] => {
  const random = new Random(seed);
  const pick = (): string => `${random.pick(VTI_WORDS)}${random.below(12) === 0 ? "*" : ""}`;
  let now: readonly [string, string] = ["passes", "passes"];
  return Array.from({ length: 400 }, () => {
    if (random.below(4) === 0) now = [pick(), random.below(2) === 0 ? pick() : now[1]];
    if (random.below(4) === 0) now = ["passes", "passes"];
    return now;
  });
};

interface Moment {
  readonly at: number;
  readonly candidates: readonly [Candidate, Candidate];
  readonly before: 1 | 2;
  readonly after: 1 | 2;
  readonly moved: boolean;
}

const record = (seed: number, options: SteerOptions): Moment[] => {
  const random = new Random(seed + 1);
  let memory = START;
  let at = 0;
  return timeline(seed).map(([one, two]) => {
    at += random.below(20_000);
    const candidates = [candidate(1, one), candidate(2, two)] as const;
    const before = memory.carrier;
    const result = steer(candidates, memory, options, at);
    memory = result.memory;
    return { at, candidates, before, after: memory.carrier, moved: result.move !== undefined };
  });
};

const isWell = ({ state, passing, probed }: Candidate): boolean =>
  state === "up" && (probed ? passing === true : passing !== false);
const isClean = (tunnel: Candidate): boolean => isWell(tunnel) && tunnel.lost <= 2;
const passes = ({ state, passing }: Candidate): boolean => state === "up" && passing !== false;

describe("steering through random timelines", () => {
  const seeds = Array.from({ length: 200 }, (_, n) => n + 1);
  const moments = seeds.flatMap((seed) => record(seed, seed % 2 === 0 ? PREFER_1 : PREFER_NONE));
  const moves = moments.filter(({ moved }) => moved);
  const of = ({ candidates }: Moment, index: 1 | 2): Candidate => candidates[index - 1] ?? candidates[0];

  it("moves now and then, or the rest would prove nothing", () => {
    expect(moves.length).toBeGreaterThan(1000);
    expect(moves.some((moment) => isWell(of(moment, moment.before)))).toBe(true);
  });

  it("changes the carrier exactly when it says that traffic moves", () => {
    expect(moments.filter(({ before, after, moved }) => (before !== after) !== moved)).toEqual([]);
  });

  it("never moves from a carrier that passes to a tunnel that is not well", () => {
    expect(moves.filter((moment) => passes(of(moment, moment.before)) && !isWell(of(moment, moment.after)))).toEqual([]);
  });

  it("never moves from a carrier that passes to a tunnel that loses more, unless the agent takes it down", () => {
    const worse = moves.filter((moment) => {
      const [left, taken] = [of(moment, moment.before), of(moment, moment.after)];
      return isWell(left) && !left.changing && !isClean(taken);
    });
    expect(worse).toEqual([]);
  });

  it("never moves to a tunnel that is down or proven dead", () => {
    expect(moves.filter((moment) => !passes(of(moment, moment.after)))).toEqual([]);
  });

  it("never stays on a failed carrier beside a tunnel that is well", () => {
    const failed = (tunnel: Candidate): boolean => tunnel.state === "down" || (tunnel.state === "up" && tunnel.passing === false);
    const stuck = moments.filter((moment) => {
      const [carrier, other] = [of(moment, moment.after), of(moment, moment.after === 1 ? 2 : 1)];
      return failed(carrier) && isWell(other);
    });
    expect(stuck).toEqual([]);
  });

  it("never returns by choice to a tunnel that failed within the hold-down", () => {
    const flaps = seeds.flatMap((seed) => {
      const all = record(seed, PREFER_1);
      return all.filter((moment) => {
        const carrier = of(moment, moment.before);
        if (!moment.moved || !isWell(carrier) || carrier.changing) return false;
        const recent = all.filter(({ at }) => at <= moment.at && moment.at - at < PREFER_1.holdDownMs);
        // Failed: it was well, and then it was not, without the agent's doing.
        return recent.some((one, n) => {
          const earlier = recent[n - 1];
          const now = of(one, moment.after);
          const failed = now.state === "down" || (now.state === "up" && now.passing === false);
          return earlier && isWell(of(earlier, moment.after)) && failed && !now.changing;
        });
      });
    });
    expect(flaps).toEqual([]);
  });
});
