import { appendFile, chmod, mkdir, readFile, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EventLog, KEPT_EVENTS } from "../../agent/history/event-log.ts";
import type { HistoryEvent } from "../../agent/model/history.ts";
import { logLines, temporaryDirectory } from "../lib/support.ts";

const event = (number: number): HistoryEvent => ({ at: number, code: "drill", text: `event ${number}` });
const numbers = (log: EventLog): number[] => log.events.map(({ at }) => at);
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

const setUp = async () => {
  const log = logLines();
  const path = join(await temporaryDirectory(), "state/events.jsonl");
  return { path, log, open: () => EventLog.open(path, log) };
};

describe("the file of events", () => {
  it("is made with the first event, for root alone, and read by the next run", async () => {
    const { path, open, log } = await setUp();
    const first = await open();
    first.add([event(1), event(2)]);
    first.add([event(3)]);
    await first.close();
    expect((await stat(path)).mode & 0o7777).toBe(0o600);
    expect(numbers(await open())).toEqual([1, 2, 3]);
    expect(log.lines).toEqual([]);
  });

  it("is added to, not written anew", async () => {
    const { path, open } = await setUp();
    const first = await open();
    first.add([event(1)]);
    await first.close();
    const { ino } = await stat(path);
    const second = await open();
    second.add([event(2)]);
    await second.close();
    expect((await stat(path)).ino).toBe(ino);
    expect(await readFile(path, "utf8")).toBe(
      '{"at":1,"code":"drill","text":"event 1"}\n{"at":2,"code":"drill","text":"event 2"}\n',
    );
  });

  it("does not grow for ever, and what is remembered does not either", async () => {
    const { path, open } = await setUp();
    const log = await open();
    for (const number of range(0, 5 * KEPT_EVENTS)) {
      log.add([event(number)]);
      if (number % 100 === 0) await log.close();
    }
    await log.close();
    expect(numbers(log)).toEqual(range(4 * KEPT_EVENTS, 5 * KEPT_EVENTS));
    expect((await readFile(path, "utf8")).split("\n").length).toBeLessThanOrEqual(2 * KEPT_EVENTS + 1);
    expect(numbers(await open())).toEqual(numbers(log));
  });

  it.each([
    ["a line that was cut short", '{"at":3,"code":"dri'],
    ["a whole line without its end", '{"at":3,"code":"drill","text":"event 3"}'],
    ["a line of something else", "ceci n'est pas un événement\n"],
    ["an event that this version does not know", '{"at":3,"code":"earthquake","text":"x"}\n'],
    ["an event of no time that a date can have", '{"at":1e300,"code":"drill","text":"x"}\n'],
    ["bytes of nothing", "\0\0\0\0\0\0\n"],
  ])("survives %s, and is whole again with the next event", async (_what, tail) => {
    const { path, open, log } = await setUp();
    const first = await open();
    first.add([event(1), event(2)]);
    await first.close();
    await appendFile(path, tail);
    const second = await open();
    expect(numbers(second)).toEqual([1, 2]);
    second.add([event(4)]);
    await second.close();
    const text = await readFile(path, "utf8");
    expect(
      text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).at),
    ).toEqual([1, 2, 4]);
    expect(log.lines).toHaveLength(1);
  });

  it("gets its mode back", async () => {
    const { path, open } = await setUp();
    const first = await open();
    first.add([event(1)]);
    await first.close();
    await chmod(path, 0o644);
    const second = await open();
    second.add([event(2)]);
    await second.close();
    expect([(await stat(path)).mode & 0o7777, numbers(await open())]).toEqual([0o600, [1, 2]]);
  });

  it("of any size is read from its end only", async () => {
    const { path, open } = await setUp();
    await mkdir(join(path, ".."), { recursive: true });
    const filler = `${JSON.stringify({ ...event(1), text: "x".repeat(500) })}\n`.repeat(8000);
    await writeFile(path, `${filler}${JSON.stringify(event(2))}\n`, { mode: 0o600 });
    const log = await open();
    expect([log.events.length, log.events.at(-1)?.at]).toEqual([KEPT_EVENTS, 2]);
  });

  it("that cannot be written is told once, and made up for as soon as it can be", async () => {
    const { path, open, log } = await setUp();
    await writeFile(join(path, ".."), "in the way");
    const kept = await open();
    for (const number of [1, 2, 3]) {
      kept.add([event(number)]);
      await kept.close();
    }
    expect(numbers(kept)).toEqual([1, 2, 3]);
    const complaints = log.lines.filter((line) => JSON.stringify(line).includes("cannot be written"));
    expect(complaints).toHaveLength(1);
    await unlink(join(path, ".."));
    kept.add([event(4)]);
    await kept.close();
    expect(numbers(await open())).toEqual([1, 2, 3, 4]);
  });
});
