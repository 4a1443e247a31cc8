import { describe, expect, it } from "vitest";
import { SingleFlight } from "../../agent/loop/single-flight.ts";

/** Work that ends when it is told to. */
const slowWork = (): {
  readonly flight: SingleFlight;
  readonly started: () => number;
  readonly mostAtOnce: () => number;
  readonly errors: unknown[];
  readonly end: (thrown?: Error) => Promise<void>;
} => {
  const ends: ((thrown?: Error) => void)[] = [];
  const errors: unknown[] = [];
  let [started, now, most] = [0, 0, 0];
  const work = async (): Promise<void> => {
    started += 1;
    now += 1;
    most = Math.max(most, now);
    try {
      await new Promise<void>((resolve, reject) => ends.push((thrown) => (thrown ? reject(thrown) : resolve())));
    } finally {
      now -= 1;
    }
  };
  const end = async (thrown?: Error): Promise<void> => {
    ends.shift()?.(thrown);
    await soon();
  };
  const flight = new SingleFlight(work, (thrown) => errors.push(thrown));
  return { flight, started: () => started, mostAtOnce: () => most, errors, end };
};

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("work that runs one at a time", () => {
  it("starts after the request, not inside it", async () => {
    const { flight, started, end } = slowWork();
    flight.request();
    expect(started()).toBe(0);
    await soon();
    expect(started()).toBe(1);
    await end();
  });

  it("runs exactly once more for any number of requests during a run", async () => {
    const { flight, started, mostAtOnce, end } = slowWork();
    flight.request();
    await soon();
    for (let n = 0; n < 5; n += 1) flight.request();
    await end();
    expect(started()).toBe(2);
    await end();
    await flight.idle();
    expect(started()).toBe(2);
    expect(mostAtOnce()).toBe(1);
  });

  it("runs once for requests in one breath", async () => {
    const { flight, started, end } = slowWork();
    flight.request();
    flight.request();
    await soon();
    await end();
    await flight.idle();
    expect(started()).toBe(1);
  });

  it("goes on after an error, and tells it", async () => {
    const { flight, started, errors, end } = slowWork();
    flight.request();
    await soon();
    flight.request();
    await end(new Error("no luck"));
    expect(errors).toEqual([new Error("no luck")]);
    expect(started()).toBe(2);
    await end();
    await flight.idle();
    flight.request();
    await soon();
    expect(started()).toBe(3);
    await end();
  });

  it("is idle only when nothing runs and nothing is asked for", async () => {
    const { flight, end } = slowWork();
    let idle = false;
    flight.request();
    await soon();
    flight.request();
    const waited = flight.idle().then(() => {
      idle = true;
    });
    await end();
    expect(idle).toBe(false);
    await end();
    await waited;
    expect(idle).toBe(true);
  });

  it("stops when what runs has ended, and begins nothing more", async () => {
    const { flight, started, end } = slowWork();
    flight.request();
    await soon();
    flight.request();
    let stopped = false;
    const waited = flight.stop().then(() => {
      stopped = true;
    });
    await soon();
    expect(stopped).toBe(false);
    await end();
    await waited;
    flight.request();
    await soon();
    expect(started()).toBe(1);
  });

  it("stops before a run that was asked for has begun", async () => {
    const { flight, started } = slowWork();
    flight.request();
    await flight.stop();
    expect(started()).toBe(0);
  });
});
