import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Clock } from "../../agent/lib/clock.ts";
import { SpacegateError } from "../../agent/lib/errors.ts";
import { type Connection, type ConnectionRef, connectionKey } from "../../agent/model/connection.ts";
import type { Source, SourceAnswer, SourceState } from "../../agent/model/source.ts";
import type { KeptConnection, LastGood } from "../../agent/source/last-good.ts";
import { parseConnection } from "../../agent/source/parse.ts";
import { ConnectionPoller, type PollerDeps } from "../../agent/source/poller.ts";
import { FIRST, logLines, REF, SECOND, wire } from "./support.ts";

const BRANCH = { space: "acme-space", name: "branch" };

const settle = async () => {
  for (let turns = 0; turns < 5; turns += 1) await turn();
};

class ManualClock implements Clock {
  #now = 1_000_000;
  #sleeps: { readonly until: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const sleep = { until: this.#now + ms, wake: resolve };
      this.#sleeps.push(sleep);
      signal?.addEventListener("abort", () => {
        this.#sleeps = this.#sleeps.filter((other) => other !== sleep);
        reject(signal.reason);
      });
    });
  }

  /** How long each sleeper still sleeps, milliseconds. */
  get pauses(): number[] {
    return this.#sleeps.map(({ until }) => until - this.#now);
  }

  async advance(ms: number): Promise<void> {
    this.#now += ms;
    const due = this.#sleeps.filter(({ until }) => until <= this.#now);
    this.#sleeps = this.#sleeps.filter((sleep) => !due.includes(sleep));
    for (const { wake } of due) wake();
    await settle();
  }
}

/** Answers with whatever `say` was last given for a connection, and counts. */
class ScriptedSource implements Source {
  readonly kind = "file";
  readonly asked: string[] = [];
  readonly #answers = new Map<string, () => SourceAnswer | Promise<SourceAnswer>>();

  say(ref: ConnectionRef, answer: () => SourceAnswer | Promise<SourceAnswer>): void {
    this.#answers.set(connectionKey(ref), answer);
  }

  async fetch(ref: ConnectionRef): Promise<SourceAnswer> {
    this.asked.push(connectionKey(ref));
    const answer = this.#answers.get(connectionKey(ref));
    return answer ? answer() : parseConnection(ref, wire({ name: ref.name }));
  }
}

class KeptInMemory implements LastGood {
  readonly saved: (readonly KeptConnection[])[] = [];
  readonly #before: readonly KeptConnection[];
  failing = false;

  constructor(before: readonly KeptConnection[] = []) {
    this.#before = before;
  }

  async load() {
    return new Map(this.#before.map((kept) => [connectionKey(kept.connection), kept]));
  }

  async save(kept: readonly KeptConnection[]) {
    if (this.failing) throw new Error("disk full");
    this.saved.push(kept);
  }
}

const connection = (changes: Record<string, unknown> = {}): Connection => {
  const answer = parseConnection(REF, wire(changes));
  if (answer.kind !== "ready") throw new Error(answer.reason);
  return answer.connection;
};

const ready =
  (changes: Record<string, unknown> = {}) =>
  (): SourceAnswer => ({ kind: "ready", connection: connection(changes) });
const waiting = (reason: string) => (): SourceAnswer => ({ kind: "waiting", reason });
const failing =
  (message: string, details: Record<string, unknown> = {}) =>
  (): SourceAnswer => {
    throw new SpacegateError("SOURCE_UNAVAILABLE", message, { fix: "Wait.", details });
  };

const setup = (changes: Partial<PollerDeps> = {}) => {
  const clock = new ManualClock();
  const source = new ScriptedSource();
  const lastGood = new KeptInMemory();
  const changed: SourceState[] = [];
  const log = logLines();
  const poller = new ConnectionPoller({
    source,
    lastGood,
    clock,
    log,
    random: () => 0,
    pollIntervalMs: 60_000,
    onChange: (state) => changed.push(state),
    ...changes,
  });
  onTestFinished(() => poller.stop());
  return { clock, source, lastGood, changed, log, poller };
};

const started = async (changes: Partial<PollerDeps> = {}) => {
  const parts = setup(changes);
  await parts.poller.start([REF]);
  await settle();
  return parts;
};

describe("the first pass", () => {
  test("is over when every connection has had an answer or an error", async () => {
    const { poller, source, changed } = setup();
    source.say(BRANCH, failing("away"));
    await poller.start([REF, BRANCH]);
    expect(poller.states()).toMatchObject([
      { ref: REF, connection: { name: "office" }, origin: "source", confirmedAt: 1_000_000 },
      { ref: BRANCH, error: { message: "away" } },
    ]);
    expect(changed.map(({ ref }) => ref.name).sort()).toEqual(["branch", "office"]);
  });

  test("asks four at a time", async () => {
    const { poller, source } = setup();
    const refs = Array.from({ length: 10 }, (_, place) => ({ space: "acme-space", name: `c${place}` }));
    let open: (() => void)[] = [];
    for (const ref of refs) {
      source.say(ref, () => new Promise((resolve) => open.push(() => resolve({ kind: "waiting", reason: "x" }))));
    }
    const done = poller.start(refs);
    const asked: number[] = [];
    while (source.asked.length < 10 || open.length > 0) {
      await settle();
      asked.push(source.asked.length);
      const ready = open;
      open = [];
      for (const answer of ready) answer();
    }
    await done;
    expect(asked).toEqual([4, 8, 10]);
  });

  test("uses the copy that an earlier run kept when the source is away", async () => {
    const kept = { connection: connection({ space_cidr_block: "10.5.0.0/16" }), confirmedAt: 77 };
    const { poller, source } = setup({ lastGood: new KeptInMemory([kept]) });
    source.say(REF, failing("away"));
    await poller.start([REF]);
    expect(poller.states()).toMatchObject([
      { connection: { spaceCidr: "10.5.0.0/16" }, origin: "last-good-copy", confirmedAt: 77, error: { message: "away" } },
    ]);
  });

  test("uses that copy also while Heroku has nothing ready", async () => {
    const { poller, source } = setup({ lastGood: new KeptInMemory([{ connection: connection(), confirmedAt: 77 }]) });
    source.say(REF, waiting("not there"));
    await poller.start([REF]);
    expect(poller.states()).toMatchObject([{ connection: { name: "office" }, origin: "last-good-copy", waiting: "not there" }]);
  });

  test("prefers what the source says", async () => {
    const kept = { connection: connection({ space_cidr_block: "10.5.0.0/16" }), confirmedAt: 77 };
    const { poller } = setup({ lastGood: new KeptInMemory([kept]) });
    await poller.start([REF]);
    expect(poller.states()).toMatchObject([{ connection: { spaceCidr: "10.0.0.0/16" }, origin: "source" }]);
  });
});

describe("what was good once", () => {
  test.each([
    ["a wait", waiting("Heroku is removing the connection"), { waiting: "Heroku is removing the connection" }],
    ["an error", failing("away"), { error: { message: "away" } }],
    [
      "a fault of the source itself",
      () => {
        throw new TypeError("oops");
      },
      { error: { code: "SOURCE_UNAVAILABLE", message: "the source failed unexpectedly: oops" } },
    ],
  ])("stays through %s, which is told beside it", async (_case, answer, told) => {
    const { clock, source, poller, changed } = await started();
    source.say(REF, answer);
    await clock.advance(60_000);
    const [state] = poller.states();
    expect(state).toMatchObject({ connection: { name: "office" }, origin: "source", confirmedAt: 1_000_000, ...told });
    expect(changed).toHaveLength(2);
  });

  test("stays when new details are refused by the check", async () => {
    const check = (details: Connection) => {
      if (details.spaceCidr === "8.8.8.0/24")
        throw new SpacegateError("CONNECTION_INVALID", "public block", { fix: "Correct it." });
    };
    const { clock, source, poller, lastGood } = await started({ check });
    source.say(REF, ready({ space_cidr_block: "8.8.8.0/24" }));
    await clock.advance(60_000);
    expect(poller.states()).toMatchObject([{ connection: { spaceCidr: "10.0.0.0/16" }, error: { code: "CONNECTION_INVALID" } }]);
    expect(lastGood.saved).toHaveLength(1);
  });

  test("is free of the reason again when the source recovers", async () => {
    const { clock, source, poller } = await started();
    source.say(REF, failing("away"));
    await clock.advance(60_000);
    source.say(REF, ready());
    await clock.advance(5000);
    const [state] = poller.states();
    expect(state?.error).toBeUndefined();
    expect(state?.confirmedAt).toBe(1_065_000);
  });
});

describe("a change", () => {
  test("is told once, and an unchanged answer is not", async () => {
    const { clock, source, changed } = await started();
    await clock.advance(60_000);
    await clock.advance(60_000);
    expect(source.asked).toHaveLength(3);
    expect(changed).toHaveLength(1);
  });

  test("of a PSK alone is one", async () => {
    const { clock, source, changed } = await started();
    source.say(REF, ready({ tunnels: [FIRST, { ...SECOND, pre_shared_key: "another.psk" }] }));
    await clock.advance(60_000);
    expect(changed).toHaveLength(2);
    expect(changed[1]?.connection?.tunnels[1]?.psk.reveal()).toBe("another.psk");
  });

  test("of a reason is one, the same error again is none", async () => {
    const { clock, source, changed } = await started();
    source.say(REF, failing("away"));
    await clock.advance(60_000);
    await clock.advance(60_000);
    source.say(REF, failing("further away"));
    await clock.advance(60_000);
    expect(changed.map(({ error }) => error?.message)).toEqual([undefined, "away", "further away"]);
  });

  test("of the order alone is none: a tunnel keeps its number", async () => {
    const { clock, source, poller, changed } = await started();
    source.say(REF, ready({ tunnels: [SECOND, FIRST] }));
    await clock.advance(60_000);
    expect(changed).toHaveLength(1);
    expect(poller.states()[0]?.connection?.tunnels).toMatchObject([
      { index: 1, ip: FIRST.ip },
      { index: 2, ip: SECOND.ip },
    ]);
  });

  test("of one tunnel, in another order, leaves the other its number", async () => {
    const { clock, source, poller } = await started();
    source.say(REF, ready({ tunnels: [{ ...SECOND, ip: "34.9.9.9" }, FIRST] }));
    await clock.advance(60_000);
    expect(poller.states()[0]?.connection?.tunnels).toMatchObject([
      { index: 1, ip: FIRST.ip },
      { index: 2, ip: "34.9.9.9" },
    ]);
  });

  test("says nothing secret to the log", async () => {
    const { log } = await started();
    expect(log.lines).toEqual([expect.stringContaining("the source has new connection details")]);
    expect(log.lines.join()).not.toContain(FIRST.pre_shared_key);
  });
});

describe("the pauses", () => {
  test("between two questions are the interval, up to a tenth less", async () => {
    expect((await started()).clock.pauses).toEqual([60_000]);
    expect((await started({ random: () => 1 })).clock.pauses).toEqual([54_000]);
  });

  test("double after errors from 5 s to 5 min, and an answer ends that", async () => {
    const { clock, source, poller } = setup();
    source.say(REF, failing("away"));
    await poller.start([REF]);
    const pauses: number[] = [];
    for (let tries = 0; tries < 8; tries += 1) {
      await settle();
      const [pause = 0] = clock.pauses;
      pauses.push(pause / 1000);
      await clock.advance(pause);
    }
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300]);
    source.say(REF, ready());
    await clock.advance(300_000);
    source.say(REF, failing("away"));
    await clock.advance(60_000);
    expect(clock.pauses).toEqual([5000]);
  });

  test.each([
    ["longer than the back-off counts", 90_000, 90_000],
    ["shorter does not", 1000, 5000],
    ["of a week is cut to an hour", 604_800_000, 3_600_000],
  ])("a Retry-After %s", async (_case, retryAfterMs, pause) => {
    const { clock, source, poller } = setup();
    source.say(REF, failing("slow down", { retryAfterMs }));
    await poller.start([REF]);
    await settle();
    expect(clock.pauses).toEqual([pause]);
  });
});

describe("refresh", () => {
  test("asks at once and resolves with the answer in place", async () => {
    const { source, poller } = await started();
    source.say(REF, ready({ space_cidr_block: "10.7.0.0/16" }));
    await poller.refresh();
    expect(poller.states()).toMatchObject([{ connection: { spaceCidr: "10.7.0.0/16" } }]);
  });

  test("during a question asks again after it", async () => {
    const { clock, source, poller } = await started();
    let answer = (_: SourceAnswer) => {};
    source.say(REF, () => new Promise((resolve) => (answer = resolve)));
    await clock.advance(60_000);
    const refreshed = poller.refresh();
    source.say(REF, ready({ space_cidr_block: "10.7.0.0/16" }));
    answer({ kind: "waiting", reason: "old news" });
    await refreshed;
    expect(poller.states()).toMatchObject([{ connection: { spaceCidr: "10.7.0.0/16" } }]);
    expect(source.asked).toHaveLength(3);
  });
});

describe("the last good copy", () => {
  test("is written for accepted changes only", async () => {
    const { clock, source, lastGood } = await started();
    await clock.advance(60_000);
    source.say(REF, waiting("gone"));
    await clock.advance(60_000);
    expect(lastGood.saved).toHaveLength(1);
    source.say(REF, ready({ space_cidr_block: "10.7.0.0/16" }));
    await clock.advance(60_000);
    expect(lastGood.saved.map(([kept]) => kept?.connection.spaceCidr)).toEqual(["10.0.0.0/16", "10.7.0.0/16"]);
  });

  test("is not written again by a run that finds everything as the copy says", async () => {
    const lastGood = new KeptInMemory([{ connection: connection(), confirmedAt: 77 }]);
    await started({ lastGood });
    expect(lastGood.saved).toEqual([]);
  });

  test("keeps what is known of a connection whose source is away while another changes", async () => {
    const lastGood = new KeptInMemory([{ connection: connection(), confirmedAt: 77 }]);
    const { poller, source } = setup({ lastGood });
    source.say(REF, failing("away"));
    await poller.start([REF, BRANCH]);
    await settle();
    expect(lastGood.saved.at(-1)?.map((kept) => kept.connection.name)).toEqual(["office", "branch"]);
  });

  test("that cannot be written is told, and tried again at the next answer", async () => {
    const lastGood = new KeptInMemory();
    lastGood.failing = true;
    const { clock, log } = await started({ lastGood });
    expect(log.lines).toContainEqual(expect.stringContaining("error disk full"));
    lastGood.failing = false;
    await clock.advance(60_000);
    expect(lastGood.saved).toHaveLength(1);
  });
});

describe("other connections", () => {
  test("join and leave; those that stay are not asked again and keep what is known", async () => {
    const { poller, source, lastGood, changed } = await started();
    await poller.setRefs([BRANCH, REF]);
    expect(source.asked).toEqual(["acme-space/office", "acme-space/branch"]);
    expect(poller.states().map(({ ref }) => ref.name)).toEqual(["branch", "office"]);
    await poller.setRefs([BRANCH]);
    await settle();
    expect(poller.states().map(({ ref }) => ref.name)).toEqual(["branch"]);
    expect(lastGood.saved.at(-1)?.map((kept) => kept.connection.name)).toEqual(["branch"]);
    expect(changed).toHaveLength(2);
  });
});

describe("stop", () => {
  test("ends pauses and questions at once, and nothing is told afterwards", async () => {
    const { clock, source, poller, changed } = await started();
    await poller.stop();
    expect(clock.pauses).toEqual([]);
    await clock.advance(600_000);
    await poller.refresh();
    expect(source.asked).toHaveLength(1);
    expect(changed).toHaveLength(1);
  });

  test("during a question discards its answer", async () => {
    const { clock, source, poller, changed } = await started();
    let answer = (_: SourceAnswer) => {};
    source.say(REF, () => new Promise((resolve) => (answer = resolve)));
    await clock.advance(60_000);
    const stopped = poller.stop();
    answer({ kind: "waiting", reason: "too late" });
    await stopped;
    expect(changed).toHaveLength(1);
  });

  test("lets those who wait for the first pass go", async () => {
    const { source, poller } = setup();
    let refuse = (_: unknown) => {};
    source.say(REF, () => new Promise((_resolve, reject) => (refuse = reject)));
    const first = poller.start([REF]);
    await settle();
    const stopped = poller.stop();
    refuse(new Error("aborted"));
    await Promise.all([first, stopped]);
    expect(poller.states()).toEqual([{ ref: REF }]);
  });
});
