import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WATCHED_EVENTS, watchEvents } from "../../agent/vici/watch.ts";
import { FakeCharon } from "./fake-charon.ts";
import { until } from "./until.ts";

let charon: FakeCharon;
let seen: string[];
let stop: AbortController;
let watching: Promise<void> | undefined;

const listener = {
  onUp: (events: readonly string[]) => seen.push(`up ${events.length}`),
  onDown: (reason: { code: string }) => seen.push(`down ${reason.code}`),
  onEvent: (name: string, message: object) => seen.push(`${name} ${JSON.stringify(message)}`),
};

const watch = (): void => {
  watching = watchEvents(listener, stop.signal, { path: charon.path, retryMs: 5 });
};

beforeEach(() => {
  charon = new FakeCharon();
  seen = [];
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await watching;
  await charon.stop();
});

describe("watchEvents", () => {
  it("comes up with the events that charon knows: all but alert before 6.0.3", async () => {
    await charon.start();
    watch();
    await until("it is up", () => seen.length === 1);
    expect(seen).toEqual([`up ${WATCHED_EVENTS.length - 1}`]);
    expect(charon.requests).toEqual(WATCHED_EVENTS.map((event) => `1 register ${event}`));
  });

  it("passes events on in their order", async () => {
    await charon.start();
    watch();
    await until("it is up", () => seen.length === 1);
    charon.event("child-updown", { up: "yes" });
    charon.event("child-updown");
    await until("both events", () => seen.length === 3);
    expect(seen.slice(1)).toEqual(['child-updown {"up":"yes"}', "child-updown {}"]);
  });

  it("tells once that charon is away, however long, and comes up when it is there", async () => {
    watch();
    await until("it is down", () => seen.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(seen).toEqual(["down VICI_UNREACHABLE"]);
    await charon.start();
    await until("it is up", () => seen.length === 2);
    expect(seen[1]).toBe("up 6");
  });

  it("tells each loss and comes back after each", async () => {
    await charon.start();
    watch();
    for (const times of [1, 2]) {
      await until("it is up", () => seen.length === 2 * times - 1);
      charon.cut();
      await until("it is down", () => seen.length >= 2 * times);
    }
    await until("it is up again", () => seen.length === 5);
    expect(seen).toEqual(["up 6", "down VICI_UNREACHABLE", "up 6", "down VICI_UNREACHABLE", "up 6"]);
  });

  it("survives garbage", async () => {
    await charon.start();
    watch();
    await until("it is up", () => seen.length === 1);
    charon.raw(Buffer.alloc(64, 0xff));
    await until("it is up again", () => seen.length === 3);
    expect(seen.slice(1)).toEqual(["down VICI_PROTOCOL", "up 6"]);
  });

  it("ends when it is told to, without calling that a loss", async () => {
    await charon.start();
    watch();
    await until("it is up", () => seen.length === 1);
    stop.abort();
    await watching;
    await until("charon sees it", () => charon.connections === 0);
    expect(seen).toEqual(["up 6"]);
  });

  it("ends also when it is told to while it connects", async () => {
    await charon.start();
    watch();
    stop.abort();
    await watching;
    await until("charon sees it", () => charon.connections === 0);
    expect(seen).toEqual([]);
  });

  it("ends at once while charon is away", async () => {
    watching = watchEvents(listener, stop.signal, { path: charon.path, retryMs: 60_000 });
    await until("it is down", () => seen.length === 1);
    stop.abort();
    await watching;
  });
});
