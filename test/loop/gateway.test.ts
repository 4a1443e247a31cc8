import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import type { AttemptState } from "../../agent/apply/bring-up.ts";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { Gateway } from "../../agent/loop/gateway.ts";
import type { GatewayDeps } from "../../agent/loop/gateway-deps.ts";
import type { Observed, ObservedIke } from "../../agent/model/observed.ts";
import { DEBIAN_PATHS } from "../../agent/model/paths.ts";
import type { Status } from "../../agent/model/status.ts";
import { describeStep } from "../../agent/model/step-text.ts";
import type { ProbeResult } from "../../agent/observe/probe-target.ts";
import { logLines, ManualClock } from "../lib/support.ts";
import {
  builtInTemplates,
  fingerprint,
  freshHost,
  ikeUp,
  matchingHost,
  type SampleOptions,
  sample,
  sampleConnection,
  sampleEntry,
  sampleFacts,
  sampleSettings,
  tunnelOf,
} from "../sample.ts";

const PROBE = { target: "10.0.0.10", protocol: "icmp", interval: "200ms", misses: 3 };
const SETTINGS = sampleSettings([sampleEntry({ routing: "vti", probe: PROBE })]);
const NO_LUCK = new SpacegateError("COMMAND_FAILED", "ip did not do it", { fix: "look at the kernel's log" });

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A gateway on a host that is as desired, with every tunnel up, unless the test says otherwise. */
const setUp = (changes: Partial<GatewayDeps> = {}, options: SampleOptions = {}) => {
  const own = sample({ settings: SETTINGS, ...options });
  const [one, two] = [tunnelOf(own, 1), tunnelOf(own, 2)];
  const host: { observed: Observed; sas: readonly ObservedIke[]; readonly steps: string[]; looks: number } = {
    ...{ observed: matchingHost(own), sas: own.desired.tunnels.map((tunnel) => ikeUp(tunnel)) },
    ...{ steps: [], looks: 0 },
  };
  const clock = new ManualClock();
  const log = logLines();
  const tell = new Map<number | undefined, (result: ProbeResult) => void>();
  const gateway = new Gateway(own.settings, {
    clock,
    log,
    version: "1.0.0",
    observe: async () => {
      host.looks += 1;
      return host.observed;
    },
    observeHost: async () => sampleFacts(),
    listSas: async () => host.sas,
    ipForward: async () => true,
    policyMismatches: async () => 0,
    execute: async (step) => void host.steps.push(describeStep(step)),
    applies: () => true,
    attempts: () => ({}),
    states: () => [{ ref: sampleConnection(), connection: sampleConnection(), origin: "source", confirmedAt: 1 }],
    templates: async () => builtInTemplates(),
    drills: async () => [],
    fingerprint,
    prober: async (target, onResult, signal) => {
      tell.set(target.mark, onResult);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return "aborted";
    },
    standalone: false,
    readOnly: false,
    rooted: false,
    paths: DEBIAN_PATHS,
    ...changes,
  });
  onTestFinished(() => gateway.stop());
  const answer = (tunnel: typeof one, ...results: ProbeResult[]): void => {
    for (const result of results) tell.get(tunnel.probeMark)?.(result);
  };
  const look = async (): Promise<void> => {
    gateway.requestLook();
    await soon();
    await soon();
  };
  const carrier = () => gateway.status.connections[0]?.carrier;
  const codes = () => gateway.status.warnings.map(({ code }) => code);
  return { gateway, host, clock, log, one, two, answer, look, carrier, codes, own };
};

describe("a gateway on a host that is as desired", () => {
  it("changes nothing, and says that all is well", async () => {
    const { gateway, host, one, two, answer, codes } = setUp();
    expect(gateway.status.status).toBe("starting");
    await gateway.settle();
    answer(one, 1);
    answer(two, 1);
    expect(host.steps).toEqual([]);
    expect(gateway.status).toMatchObject({ status: "ok", ready: true, passes: { total: 1, failed: 0, changes: 0 } });
    expect(codes()).toEqual([]);
  });

  it("tells whoever follows every snapshot, with what a page needs and no PSK, and every probe", async () => {
    const { gateway, one, answer } = setUp();
    const statuses: Status[] = [];
    const probes: unknown[] = [];
    gateway.follow({ status: (status) => statuses.push(status), probe: (...probe) => probes.push(probe) });
    await gateway.settle();
    answer(one, 7, null);
    await soon();
    expect(statuses.at(-1)).toBe(gateway.status);
    expect(probes).toEqual([
      [one.conn, 7],
      [one.conn, null],
    ]);
    const [connection] = gateway.status.connections;
    expect(connection?.networks).toEqual({ gateway: "172.16.0.2", local: ["172.16.0.0/16"], space: "10.0.0.0/16" });
    expect(connection?.tunnels[0]?.pskFingerprint).toBe(fingerprint(one.psk));
    expect(JSON.stringify(statuses)).not.toContain(one.psk.reveal());
  });

  it("moves nothing after a restart while the other tunnel carries", async () => {
    const carriers = { "acme-space/office": 2 } as const;
    const { gateway, host, carrier } = setUp({}, { carriers });
    await gateway.settle();
    expect(carrier()).toBe(2);
    expect(host.steps).toEqual([]);
  });
});

describe("a carrier that fails", () => {
  const moved = [expect.stringMatching(/^set the route 10\.0\.0\.0\/16 through sgvti\d+, table 254, metric 50$/)];

  it("is left with its last missing answer, before anything else happens", async () => {
    const { gateway, host, one, two, answer, carrier } = setUp();
    await gateway.settle();
    answer(one, 1, null, null);
    answer(two, 1);
    expect(host.steps).toEqual([]);
    const looks = host.looks;
    answer(one, null);
    // Nothing was awaited: the route is on its way already.
    expect(host.steps).toEqual(moved);
    expect(host.steps[0]).toContain(two.link);
    expect(host.looks).toBe(looks);
    expect(carrier()).toBe(2);
  });

  it("is left while a pass hangs", async () => {
    let release = (): void => {};
    const hanging = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { gateway, host, one, two, answer } = setUp();
    await gateway.settle();
    Object.assign(host, { observed: hanging.then(() => host.observed) });
    gateway.requestPass();
    await soon();
    answer(two, 1);
    answer(one, 1, null, null, null);
    expect(host.steps).toEqual(moved);
    release();
  });

  it("is left when a look finds its CHILD_SA gone", async () => {
    const { gateway, host, two, look, carrier, log } = setUp();
    await gateway.settle();
    host.sas = [ikeUp(two)];
    await look();
    expect(host.steps.slice(0, 1)).toEqual(moved);
    expect(carrier()).toBe(2);
    expect(log.lines.join("\n")).toMatch(/traffic moves from tunnel 1 to tunnel 2: its CHILD_SA is gone/);
  });

  it("is kept when the other one is no better", async () => {
    const { gateway, host, one, two, answer, carrier } = setUp();
    await gateway.settle();
    answer(one, null, null, null);
    answer(two, null, null, null);
    expect(host.steps).toEqual([]);
    expect(carrier()).toBe(1);
    expect(gateway.status.status).toBe("down");
  });

  it("is left at a look when it loses a fifth of its probes, and the other one none", async () => {
    const { gateway, host, one, two, answer, look, clock, carrier } = setUp();
    await gateway.settle();
    for (let n = 0; n < 20; n += 1) {
      answer(one, 1, 1, null, 1, 1);
      answer(two, 1, 1, 1, 1, 1);
    }
    await look();
    clock.ms += 2000;
    expect(carrier()).toBe(1);
    await look();
    expect(carrier()).toBe(2);
    expect(host.steps).toEqual(moved);
  });

  it("is put right by a pass when its route could not be set", async () => {
    const { gateway, one, two, answer, host } = setUp({ execute: () => Promise.reject(NO_LUCK) });
    await gateway.settle();
    const looks = host.looks;
    answer(two, 1);
    answer(one, null, null, null);
    await soon();
    await gateway.settle();
    expect(host.looks).toBeGreaterThan(looks);
    expect(gateway.status.passes.lastError).toBe("ip did not do it");
  });
});

describe("a tunnel that draws the answers and loses them", () => {
  /** The far end answers by tunnel 1 for as long as that has SAs, and these answers are lost: neither passes. */
  const bothDead = async () => {
    const steps: string[] = [];
    const hold = (sas: readonly ObservedIke[]): void => {
      const { charon } = world.host.observed;
      world.host.sas = sas;
      if (charon.kind === "running") world.host.observed = { ...world.host.observed, charon: { ...charon, sas } };
    };
    const world = setUp({
      execute: async (step) => {
        if (step.kind !== "replace-route") steps.push(describeStep(step));
        if (step.kind === "terminate-ike") hold(world.host.sas.filter(({ name }) => name !== step.conn));
      },
    });
    const { gateway, one, two, answer, look, clock } = world;
    await gateway.settle();
    for (const tunnel of [two, one]) answer(tunnel, null, null, null);
    await look();
    clock.ms += 5000;
    await gateway.settle();
    return { ...world, steps: () => steps.splice(0) };
  };

  it("is taken down, and stays down while the other one passes without it", async () => {
    const { gateway, one, two, answer, look, clock, carrier, codes, steps } = await bothDead();
    expect(steps()).toEqual([`end ${one.conn}[1]: nothing has come back through it for too long`]);
    answer(two, 1);
    await gateway.settle();
    expect(carrier()).toBe(2);
    expect(gateway.status.connections[0]?.tunnels[0]?.reason?.code).toBe("answers-lost");
    clock.ms += 19_000;
    await look();
    expect(codes()).toContain("tunnel-down");
    await gateway.settle();
    expect(steps()).toEqual([]);
    clock.ms += 1000;
    await gateway.settle();
    expect(steps()).toContain(`bring up ${one.conn}: it is down`);
  });

  it("is brought up at once when the other one does not pass any more", async () => {
    const { gateway, one, two, answer, steps } = await bothDead();
    answer(two, 1);
    await gateway.settle();
    steps();
    answer(two, null, null, null);
    await gateway.settle();
    expect(steps()).toContain(`bring up ${one.conn}: it is down`);
  });
});

describe("with policy routing", () => {
  it("one DELETE is one move, though two events tell of it and the other tunnel was up before", async () => {
    const settings = sampleSettings([sampleEntry({ routing: "policy" })]);
    const { gateway, host, one, two, look, carrier, log } = setUp({ execute: async () => {} }, { settings });
    host.sas = [ikeUp(two)];
    await gateway.settle();
    host.sas = [ikeUp(one)];
    await look();
    const from = carrier();
    host.sas = [];
    await look();
    await look();
    await look();
    expect(carrier()).not.toBe(from);
    expect(log.lines.filter((line) => line.includes("traffic moves"))).toHaveLength(1);
  });
});

describe("with policy routing the reason of an idle tunnel", () => {
  const settings = sampleSettings([sampleEntry({ routing: "policy" })]);
  const failed: AttemptState = {
    ...{ inFlight: false, startedAt: 0, notBefore: 5000, failures: 1, lines: [] },
    ...{ failure: "establishing CHILD_SA failed", failureLines: ["parsed INFORMATIONAL_V1 request 7 [ N(NO_PROP) ]"] },
  };

  /** Tunnel 1 failed, and tunnel 2 took over. */
  const takenOver = async () => {
    const own = sample({ settings });
    const [one, two] = [tunnelOf(own, 1), tunnelOf(own, 2)];
    const world = setUp({ attempts: () => ({ [one.conn]: failed }) }, { settings });
    const { host, gateway, look } = world;
    const { charon } = host.observed;
    if (charon.kind === "running") host.observed = { ...host.observed, charon: { ...charon, sas: [ikeUp(two)] } };
    host.sas = [ikeUp(two)];
    await gateway.settle();
    await look();
    const reason = () => gateway.status.connections[0]?.tunnels[0]?.reason?.code;
    return { ...world, reason };
  };

  it("is told while it may not be tried again yet", async () => {
    const { reason, carrier } = await takenOver();
    expect(carrier()).toBe(2);
    expect(reason()).toBe("proposal-mismatch");
  });

  it("is forgotten once it only stands by: nothing is known against it then", async () => {
    const { reason, clock, look } = await takenOver();
    clock.ms = 5000;
    await look();
    expect(reason()).toBeUndefined();
  });

  it("is told again while no tunnel does the work", async () => {
    const { reason, clock, look, host } = await takenOver();
    clock.ms = 5000;
    host.sas = [];
    await look();
    expect(reason()).toBe("proposal-mismatch");
  });
});

describe("a pass that fails", () => {
  it("says so, and the next one that does not takes it back", async () => {
    let broken = true;
    const { gateway, codes, host, own, clock } = setUp({ execute: async () => (broken ? Promise.reject(NO_LUCK) : undefined) });
    host.observed = { ...matchingHost(own), network: freshHost().network };
    await gateway.settle();
    clock.ms += 60_000;
    await gateway.settle();
    expect(codes()).toContain("pass-failed");
    expect(gateway.status.passes).toMatchObject({ lastError: "ip did not do it", changes: 0 });
    broken = false;
    host.observed = matchingHost(own);
    await gateway.settle();
    expect(codes()).not.toContain("pass-failed");
    expect(gateway.status.passes.lastError).toBeNull();
  });

  it("says so too when what failed is a mistake of the agent's", async () => {
    let broken = false;
    const templates = async () => {
      if (broken) throw new TypeError("x is not a function");
      return builtInTemplates();
    };
    const { gateway, codes, clock } = setUp({ templates });
    await gateway.settle();
    broken = true;
    await gateway.settle();
    clock.ms += 60_000;
    await gateway.settle();
    expect(gateway.status.passes).toMatchObject({
      total: 3,
      failed: 2,
      lastError: expect.stringContaining("x is not a function"),
    });
    expect(codes()).toContain("pass-failed");
    broken = false;
    await gateway.settle();
    expect(gateway.status).toMatchObject({ ready: true, passes: { lastError: null } });
  });

  it("leaves steering at work", async () => {
    const { gateway, one, two, answer, host, carrier } = setUp();
    await gateway.settle();
    Object.assign(host, { observed: Promise.reject(NO_LUCK) });
    await gateway.settle();
    answer(two, 1);
    answer(one, null, null, null);
    expect(carrier()).toBe(2);
  });
});

describe("what the gateway must never do", () => {
  it("spin on a host that never settles", async () => {
    const { gateway, host, own } = setUp();
    host.observed = { ...matchingHost(own), network: freshHost().network };
    await gateway.settle();
    expect(host.looks).toBeLessThanOrEqual(7);
    const { total } = gateway.status.passes;
    await gateway.settle();
    expect(gateway.status.passes.total).toBe(total + 1);
  });

  it("change anything when it only shows", async () => {
    const { gateway, host, two, look } = setUp({ readOnly: true });
    host.observed = freshHost();
    const { steps } = await gateway.preview();
    expect(steps.length).toBeGreaterThan(5);
    host.sas = [ikeUp(two)];
    gateway.requestPass();
    await look();
    gateway.charonLost("ECONNREFUSED");
    await gateway.settle();
    expect(host.steps).toEqual([]);
  });

  it("believe a look that was asked for before a newer one answered", async () => {
    const answers: ((sas: readonly ObservedIke[]) => void)[] = [];
    const { gateway, one, two } = setUp({ listSas: () => new Promise((resolve) => answers.push(resolve)) });
    const childOf = () => gateway.status.connections[0]?.tunnels[0]?.child;
    const settled = gateway.settle();
    await delay(50);
    answers.shift()?.([ikeUp(one), ikeUp(two)]);
    await delay(10);
    answers.shift()?.([ikeUp(one), ikeUp(two)]);
    await settled;
    gateway.requestLook();
    await soon();
    gateway.requestPass();
    await delay(50);
    expect(answers).toHaveLength(2);
    const [early, late] = answers;
    late?.([ikeUp(two)]);
    await delay(10);
    expect(childOf()).toBe("NONE");
    early?.([ikeUp(one), ikeUp(two)]);
    await delay(10);
    expect(childOf()).toBe("NONE");
  });

  it("believe a look that was asked for before charon was lost", async () => {
    const answers: ((sas: readonly ObservedIke[]) => void)[] = [];
    let ask = false;
    const { gateway, host, one } = setUp({
      listSas: () => (ask ? new Promise((resolve) => answers.push(resolve)) : Promise.resolve(host.sas)),
    });
    await gateway.settle();
    ask = true;
    gateway.requestLook();
    await soon();
    host.observed = { ...host.observed, charon: { kind: "absent", why: "ECONNREFUSED" } };
    gateway.charonLost("ECONNREFUSED");
    await delay(20);
    answers[0]?.([ikeUp(one)]);
    await delay(20);
    expect(gateway.status.connections[0]?.tunnels.map(({ child }) => child)).toEqual(["NONE", "NONE"]);
  });

  it("leave a timer behind when it stops", async () => {
    const { gateway, host, look } = setUp();
    await gateway.settle();
    host.sas = [];
    await look();
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    gateway.refuseSettings(NO_LUCK);
    await gateway.stop();
    expect(timers()).toBeLessThan(before);
    const after = timers();
    expect(gateway.status.warnings.map(({ code }) => code)).toContain("settings-refused");
    expect(timers()).toBe(after);
    const looks = host.looks;
    gateway.requestPass();
    gateway.requestLook();
    gateway.charonLost("stopping");
    gateway.refuseSettings(NO_LUCK);
    await delay(1200);
    expect(host.looks).toBe(looks);
    expect(timers()).toBeLessThanOrEqual(after);
  });
});

describe("settings that are refused", () => {
  it("are told at once, and no longer once others are in force", async () => {
    const { gateway, codes, clock } = setUp();
    await gateway.settle();
    gateway.refuseSettings(new SpacegateError("SETTINGS_INVALID", "config.yaml:3:5: unknown key", { fix: "" }));
    clock.ms += 60_000;
    gateway.refuseSettings(new SpacegateError("SETTINGS_INVALID", "config.yaml:3:5: unknown key", { fix: "" }));
    expect(codes()).toContain("settings-refused");
    expect(gateway.settings).toBe(SETTINGS);
    gateway.useSettings(SETTINGS);
    await gateway.settle();
    expect(codes()).not.toContain("settings-refused");
  });
});
