import { EventEmitter } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { type DaemonParts, exitCodeOf, rootedExitCode, runDaemon } from "../../agent/loop/daemon.ts";
import type { Settings } from "../../agent/model/settings.ts";
import type { Status } from "../../agent/model/status.ts";
import { gatewayStatus } from "../expose/support.ts";
import { logLines } from "../lib/support.ts";
import { sampleEntry, sampleSettings } from "../sample.ts";

const PROBE = { target: "10.0.0.10", protocol: "icmp" };
const PROBED = sampleSettings([sampleEntry({ probe: PROBE })], { reconcile_interval: "10s" });
const UNPROBED = sampleSettings([sampleEntry({ probe: PROBE }), sampleEntry({ name: "depot" })], { reconcile_interval: "10s" });

const turn = async (): Promise<void> => {
  for (let n = 0; n < 5; n += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** Time that passes when the test says so. */
class SteppedClock {
  #now = 0;
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  now = (): number => this.#now;
  monotonic = (): number => this.#now;

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((wake, reject) => {
      this.#sleepers.push({ at: this.#now + ms, wake });
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  }

  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await turn();
      const next = Math.min(...this.#sleepers.map(({ at }) => at));
      if (next > end) break;
      this.#now = next;
      const due = this.#sleepers.filter(({ at }) => at <= next);
      this.#sleepers = this.#sleepers.filter(({ at }) => at > next);
      for (const { wake } of due) wake();
    }
    this.#now = end;
  }
}

const setUp = (changes: Partial<DaemonParts> = {}) => {
  const said: string[] = [];
  const clock = new SteppedClock();
  const signals = new EventEmitter();
  const log = logLines();
  const inForce: { settings: Settings } = { settings: PROBED };
  const say = (what: string) => async (): Promise<void> => void said.push(what);
  let ended: "no" | "yes" | unknown = "no";
  const done = runDaemon(
    {
      gateway: {
        status: gatewayStatus(),
        settle: say("first pass"),
        requestPass: () => void said.push("pass"),
        requestLook: () => void said.push("look"),
        stop: say("gateway stops"),
      },
      clock,
      log,
      notifier: { notify: async (...states) => void said.push(`systemd: ${states[0]}`) },
      watchdogMs: undefined,
      open: async () => {
        said.push("opens");
        return say("closes");
      },
      startSource: say("source is asked"),
      reread: () => void said.push("rereads"),
      settings: () => inForce.settings,
      takeDown: undefined,
      ...changes,
    },
    signals,
  ).then(
    () => {
      ended = "yes";
    },
    (thrown: unknown) => {
      ended = thrown;
    },
  );
  const signal = async (name: string): Promise<void> => {
    signals.emit(name, name);
    await turn();
  };
  onTestFinished(async () => {
    signals.emit("SIGTERM", "SIGTERM");
    await done;
  });
  /** Everything that happened since the last call. */
  const news = (): string[] => said.splice(0);
  /** How often each thing happened since the last call. */
  const counts = (): Record<string, number> =>
    Object.fromEntries([...Map.groupBy(news(), (one) => one)].map(([one, all]) => [one, all.length]));
  return { clock, signals, signal, log, news, counts, inForce, ended: () => ended };
};

describe("a daemon that begins", () => {
  it("serves, asks its source, makes a pass, and only then calls itself ready", async () => {
    const { news } = setUp();
    await turn();
    expect(news()).toEqual(["opens", "source is asked", "first pass", "systemd: READY=1"]);
  });

  it("does not wait longer than a second for a source that is slow", async () => {
    const { news, clock } = setUp({ startSource: () => new Promise(() => {}) });
    await clock.pass(999);
    expect(news()).toEqual(["opens"]);
    await clock.pass(1);
    await turn();
    expect(news()).toEqual(["first pass", "systemd: READY=1"]);
  });

  it("goes on with what it has when its source fails, and says so", async () => {
    const startSource = () => Promise.reject(new Error("the last good copy cannot be read"));
    const { news, log, ended } = setUp({ startSource });
    await turn();
    expect(news()).toEqual(["opens", "first pass", "systemd: READY=1"]);
    expect(JSON.stringify(log.lines)).toContain("the last good copy cannot be read");
    expect(ended()).toBe("no");
  });

  it("ends when it cannot serve, without a pass, and listens to no signal any more", async () => {
    const refused = new SpacegateError("LISTEN_FAILED", "the port is taken", { fix: "choose another one" });
    const { news, ended, signals } = setUp({ open: () => Promise.reject(refused) });
    await turn();
    expect(ended()).toBe(refused);
    expect(news()).toEqual([]);
    expect(signals.eventNames()).toEqual([]);
  });

  it("runs although systemd cannot be told", async () => {
    const { news, clock, ended } = setUp({ notifier: { notify: () => Promise.reject(new Error("no such program")) } });
    await clock.pass(1000);
    expect(news()).toContain("look");
    expect(ended()).toBe("no");
  });
});

describe("a daemon at work", () => {
  it("looks each second and makes a pass each reconcile_interval", async () => {
    const { counts, clock } = setUp();
    await turn();
    counts();
    await clock.pass(20_000);
    expect(counts()).toEqual({ look: 20, pass: 2 });
  });

  it("looks five times a second where only counters tell a dead tunnel", async () => {
    const { counts, clock, inForce } = setUp();
    inForce.settings = UNPROBED;
    await turn();
    counts();
    await clock.pass(5000);
    expect(counts()).toEqual({ look: 25 });
  });

  it("takes another interval from settings that change, after the one that runs", async () => {
    const { counts, clock, inForce } = setUp();
    await turn();
    counts();
    inForce.settings = { ...PROBED, reconcile_interval: "2s" };
    await clock.pass(10_000);
    expect(counts().pass).toBe(1);
    await clock.pass(10_000);
    expect(counts().pass).toBe(5);
  });

  it("feeds the watchdog as often as that asks, and never without one", async () => {
    const fed = setUp({ watchdogMs: 15_000 });
    await fed.clock.pass(60_000);
    expect(fed.counts()["systemd: WATCHDOG=1"]).toBe(4);
    const alone = setUp();
    await alone.clock.pass(60_000);
    expect(alone.counts()["systemd: WATCHDOG=1"]).toBeUndefined();
  });

  it("reads everything anew on SIGHUP, and goes on", async () => {
    const { news, signal, ended } = setUp();
    await turn();
    news();
    await signal("SIGHUP");
    await signal("SIGHUP");
    expect(news()).toEqual(["rereads", "rereads"]);
    expect(ended()).toBe("no");
  });
});

describe("a daemon that ends", () => {
  it.each(["SIGTERM", "SIGINT"])("on %s stops everything and leaves the tunnels up", async (name) => {
    const { news, signal, signals, ended } = setUp();
    await turn();
    news();
    await signal(name);
    expect(news()).toEqual(["systemd: STOPPING=1", "gateway stops", "closes"]);
    expect(ended()).toBe("yes");
    expect(signals.eventNames()).toEqual([]);
  });

  it("does nothing any more afterwards", async () => {
    const { news, signal, clock } = setUp({ watchdogMs: 1000 });
    await turn();
    await signal("SIGTERM");
    news();
    await clock.pass(60_000);
    expect(news()).toEqual([]);
  });

  it("takes the tunnels down last where that is asked for", async () => {
    const order: string[] = [];
    const { signal, news } = setUp({ takeDown: async () => void order.push(...news(), "tunnels go down") });
    await turn();
    news();
    await signal("SIGTERM");
    expect(order).toEqual(["systemd: STOPPING=1", "gateway stops", "closes", "tunnels go down"]);
  });

  it("ends although the tunnels could not be taken down, and says so", async () => {
    const { signal, ended, log } = setUp({ takeDown: () => Promise.reject(new Error("charon does not answer")) });
    await turn();
    await signal("SIGTERM");
    expect(ended()).toBe("yes");
    expect(JSON.stringify(log.lines)).toContain("charon does not answer");
  });

  it("has a signal that came while it began", async () => {
    const { signal, ended, clock } = setUp({ startSource: () => new Promise(() => {}) });
    await turn();
    await signal("SIGTERM");
    expect(ended()).toBe("no");
    await clock.pass(1000);
    await turn();
    expect(ended()).toBe("yes");
  });
});

describe("the exit code of a command", () => {
  const warning = (severity: Status["warnings"][number]["severity"]): Status["warnings"][number] => ({
    ...{ code: "x", title: "", text: "", fix: "", since: 0 },
    severity,
  });

  it.each([
    ["all is well", { status: "ok", warnings: [] }, 0],
    ["something is only worth knowing", { status: "ok", warnings: [warning("info")] }, 0],
    ["something is wrong", { status: "ok", warnings: [warning("warning")] }, 1],
    ["redundancy is lost", { status: "degraded", warnings: [] }, 1],
  ] as const)("when %s", (_what, { status, warnings }, code) => {
    expect(exitCodeOf({ ...gatewayStatus(), status, warnings: [...warnings] })).toBe(code);
  });

  it("below a directory goes by the files: a failed pass and missing details count, a tunnel that is down does not", () => {
    const status = gatewayStatus();
    const connections = (health: Status["status"] | "waiting") => status.connections.map((one) => ({ ...one, status: health }));
    const passed = { ...status.passes, lastError: null };
    expect(rootedExitCode({ ...status, passes: passed, connections: connections("down") })).toBe(0);
    expect(rootedExitCode({ ...status, passes: passed, connections: connections("waiting") })).toBe(1);
    expect(rootedExitCode({ ...status, passes: { ...passed, lastError: "no luck" }, connections: connections("ok") })).toBe(1);
  });
});
