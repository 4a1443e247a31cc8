import { describe, expect, it, onTestFinished } from "vitest";
import type { Clock } from "../../agent/lib/clock.ts";
import { Probes, probeSource, probeTargets, type WantedProbe } from "../../agent/loop/probes.ts";
import type { ProbeResult, ProbeTarget } from "../../agent/observe/probe-target.ts";
import { NO_VERDICT } from "../../agent/observe/probe-window.ts";
import { logLines, ManualClock } from "../lib/support.ts";
import { entriesFor, numberedConnection, sample, sampleEntry, sampleSettings, tunnelOf } from "../sample.ts";

interface Started {
  readonly target: ProbeTarget;
  readonly tell: (result: ProbeResult) => void;
  readonly die: (words: string) => void;
  readonly signal: AbortSignal;
}

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Probers that do nothing by themselves. */
const setUp = (clock: Clock = new ManualClock()) => {
  const started: Started[] = [];
  const verdicts: string[] = [];
  const told: [string, ProbeResult][] = [];
  const probes = new Probes({
    prober: (target, tell, signal) =>
      new Promise((die) => {
        started.push({ target, tell, die, signal });
        signal.addEventListener("abort", () => die("aborted"));
      }),
    clock,
    log: logLines(),
    onVerdict: (conn) => verdicts.push(conn),
    onProbe: (...probe) => told.push(probe),
  });
  onTestFinished(() => probes.stop());
  const running = (): string[] => started.filter(({ signal }) => !signal.aborted).map(({ target }) => target.target);
  const newest = (): Started => {
    const last = started.at(-1);
    if (!last) throw new Error("no prober was started");
    return last;
  };
  return { probes, started, verdicts, told, running, newest };
};

const wanted = (target: string, changes: Partial<WantedProbe> = {}): WantedProbe => ({
  target: { target, source: "172.16.0.2", intervalMs: 200 },
  misses: 3,
  ...changes,
});

describe("the probers that run", () => {
  it("are exactly those that are wanted", () => {
    const { probes, running } = setUp();
    probes.want(
      new Map([
        ["a", wanted("10.0.0.1")],
        ["b", wanted("10.0.0.2")],
      ]),
    );
    expect(running()).toEqual(["10.0.0.1", "10.0.0.2"]);
    probes.want(
      new Map([
        ["b", wanted("10.0.0.2")],
        ["c", wanted("10.0.0.3")],
      ]),
    );
    expect(running()).toEqual(["10.0.0.2", "10.0.0.3"]);
    probes.stop();
    expect(running()).toEqual([]);
  });

  it("are left alone when nothing about them changes", () => {
    const { probes, started } = setUp();
    probes.want(new Map([["a", wanted("10.0.0.1")]]));
    probes.want(new Map([["a", wanted("10.0.0.1")]]));
    expect(started).toHaveLength(1);
  });

  it.each<[string, Partial<WantedProbe>]>([
    ["address", { target: { target: "10.0.0.9", source: "172.16.0.2", intervalMs: 200 } }],
    ["port", { target: { target: "10.0.0.1", port: 443, source: "172.16.0.2", intervalMs: 200 } }],
    ["source", { target: { target: "10.0.0.1", source: "172.16.0.3", intervalMs: 200 } }],
    ["mark", { target: { target: "10.0.0.1", source: "172.16.0.2", mark: 7, intervalMs: 200 } }],
    ["interval", { target: { target: "10.0.0.1", source: "172.16.0.2", intervalMs: 100 } }],
    ["number of misses", { misses: 2 }],
    ["being a keepalive", { misses: undefined }],
  ])("are started anew for another %s", (_name, changes) => {
    const { probes, started } = setUp();
    probes.want(new Map([["a", wanted("10.0.0.1")]]));
    probes.want(new Map([["a", wanted("10.0.0.1", changes)]]));
    expect(started.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  it("are started again when they end by themselves, which is a miss", async () => {
    const clock = new ManualClock();
    const { probes, started, newest } = setUp(clock);
    probes.want(new Map([["a", wanted("10.0.0.1", { misses: 1 })]]));
    newest().tell(5);
    newest().die("ping: sendmsg: Operation not permitted");
    await soon();
    await soon();
    expect(probes.verdict("a").passing).toBe(false);
    expect(started).toHaveLength(2);
    expect(clock.ms).toBe(2000);
  });

  it("are not started again once they are not wanted", async () => {
    const { probes, started } = setUp();
    probes.want(new Map([["a", wanted("10.0.0.1")]]));
    probes.stop();
    await soon();
    await soon();
    expect(started).toHaveLength(1);
  });
});

describe("what probes prove", () => {
  it("is told when it changes, and only then", () => {
    const { probes, verdicts, newest } = setUp();
    probes.want(new Map([["a", wanted("10.0.0.1")]]));
    for (const result of [1, 2, null, null]) newest().tell(result);
    expect(verdicts).toEqual(["a"]);
    newest().tell(null);
    expect(verdicts).toEqual(["a", "a"]);
    newest().tell(1);
    expect(verdicts).toEqual(["a", "a", "a"]);
  });

  it("comes of probes that are told one by one", () => {
    const { probes, told, newest } = setUp();
    probes.want(new Map([["a", wanted("10.0.0.1")]]));
    for (const result of [1, null]) newest().tell(result);
    expect(told).toEqual([
      ["a", 1],
      ["a", null],
    ]);
  });

  it("is nothing for a keepalive, answered or not", () => {
    const { probes, verdicts, told, newest } = setUp();
    probes.want(new Map([["a", wanted("10.0.0.1", { misses: undefined })]]));
    for (const result of [1, null, null, null, null]) newest().tell(result);
    expect(probes.isProbed("a")).toBe(false);
    expect(probes.verdict("a")).toEqual(NO_VERDICT);
    expect([verdicts, told]).toEqual([[], []]);
  });

  it("is nothing any more when a prober that was ended still speaks", () => {
    const { probes, verdicts, started } = setUp();
    probes.want(new Map([["a", wanted("10.0.0.1")]]));
    probes.want(new Map([["a", wanted("10.0.0.2")]]));
    started[0]?.tell(3);
    expect(probes.verdict("a").passing).toBeNull();
    expect(verdicts).toEqual([]);
  });
});

const settingsWith = (probe: object | undefined) => sampleSettings([sampleEntry(probe ? { probe } : {})]);

const targetOf = (probe: object | undefined, index: 1 | 2 = 1): WantedProbe | undefined => {
  const settings = settingsWith(probe);
  const tunnel = tunnelOf(sample({ settings }), index);
  return probeTargets(settings, [tunnel], () => "172.16.0.2").get(tunnel.conn);
};

describe("what is wanted of a tunnel's prober", () => {
  it("is what the settings say, through that tunnel alone", () => {
    const probe = { target: "10.0.0.10", protocol: "icmp", interval: "100ms", misses: 2 };
    const { probeMark: mark } = tunnelOf(sample(), 2);
    expect(targetOf(probe, 2)).toEqual({
      target: { target: "10.0.0.10", source: "172.16.0.2", intervalMs: 100, mark },
      misses: 2,
    });
  });

  it("is a handshake from the tunnel's own port with TCP", () => {
    const { mark } = tunnelOf(sample(), 1);
    expect(targetOf({ target: "10.0.0.10", protocol: "tcp", port: 5432 })?.target).toMatchObject({ port: 5432, mark });
  });

  it("is a keepalive to the block's router without a probe in the settings", () => {
    const wantedProbe = targetOf(undefined);
    expect(wantedProbe).toMatchObject({ target: { target: "10.0.0.1", intervalMs: 5000 }, misses: undefined });
  });

  it("is nothing without an address that fits", () => {
    const settings = settingsWith(undefined);
    expect(probeTargets(settings, [tunnelOf(sample(), 1)], () => undefined).size).toBe(0);
  });

  it("starts from this host's address within the local subnets", () => {
    const tunnel = tunnelOf(sample(), 1);
    expect(probeSource(tunnel, sampleSettings(), ["192.0.2.1", "172.16.0.2", "172.16.0.9"])).toBe("172.16.0.2");
    expect(probeSource(tunnel, sampleSettings(), ["192.0.2.1"])).toBeUndefined();
  });

  it("is what the newest settings say, of whichever connection the tunnel is", () => {
    const connections = [numberedConnection(1), numberedConnection(2)];
    const [first, second] = entriesFor(connections);
    const probe = (target: string) => ({ target, protocol: "icmp", interval: "200ms", misses: 3 });
    const before = sampleSettings([{ ...first, probe: probe("10.0.1.10") }, { ...second }]);
    const after = sampleSettings([
      { ...first, probe: probe("10.0.1.11") },
      { ...second, probe: probe("10.0.2.10") },
    ]);
    const { tunnels } = sample({ settings: before, connections }).desired;
    const targets = (settings: typeof before) =>
      [...probeTargets(settings, tunnels, () => "172.16.0.2").values()].map(({ target }) => target.target);
    expect(targets(before)).toEqual(["10.0.1.10", "10.0.1.10", "10.2.8.1", "10.2.8.1"]);
    expect(targets(after)).toEqual(["10.0.1.11", "10.0.1.11", "10.0.2.10", "10.0.2.10"]);
  });

  it("costs a lookup a tunnel, not a search through all connections", () => {
    const connections = Array.from({ length: 400 }, (_, n) => numberedConnection(n + 1));
    const settings = sampleSettings(entriesFor(connections));
    const { tunnels } = sample({ settings, connections }).desired;
    let reads = 0;
    const counted = new Proxy(settings, {
      get: (target, key, receiver) => {
        if (key === "connections") reads += 1;
        return Reflect.get(target, key, receiver);
      },
    });
    const all = probeTargets(counted, tunnels, (tunnel) => probeSource(tunnel, counted, ["172.16.0.2"]));
    expect(all.size).toBe(tunnels.length);
    expect(reads).toBe(1);
  });
});
