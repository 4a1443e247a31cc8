import { describe, expect, it } from "vitest";
import { type Frame, watchStatus } from "../../agent/cli/status-watch.ts";

const terminal = (rows = 24) => {
  const writes: string[] = [];
  return { rows, write: (text: string) => writes.push(text), writes };
};

/** Shows each frame once, then ends. */
const looks = (...frames: (Frame | Error)[]) => {
  let next = 0;
  return {
    look: async () => {
      const frame = frames[next++];
      if (!frame || frame instanceof Error) throw frame;
      return frame;
    },
    pause: async () => next < frames.length,
  };
};

const frame = (text: string, key = text): Frame => ({ key, text });

describe("in place", () => {
  it("draws over the last look, clears what is left of it, and leaves the screen as it was, with the last look", async () => {
    const out = terminal();
    const { look, pause } = looks(frame("one\ntwo"), frame("three"));
    await watchStatus(look, out, true, pause);
    expect(out.writes).toEqual([
      "\x1b[?1049h\x1b[?25l",
      "\x1b[Hone\x1b[K\ntwo\x1b[K\n\x1b[J",
      "\x1b[Hthree\x1b[K\n\x1b[J",
      "\x1b[?25h\x1b[?1049l",
      "three\n",
    ]);
  });

  it("leaves the screen as it was when a look fails", async () => {
    const out = terminal();
    const { look, pause } = looks(frame("one"), new Error("broken"));
    await expect(watchStatus(look, out, true, pause)).rejects.toThrow("broken");
    expect(out.writes.slice(-2)).toEqual(["\x1b[?25h\x1b[?1049l", "one\n"]);
  });

  it("never scrolls: what does not fit is counted", async () => {
    const out = terminal(4);
    const { look, pause } = looks(frame("1\n2\n3\n4\n5"));
    await watchStatus(look, out, true, pause);
    expect(out.writes[1]).toBe("\x1b[H1\x1b[K\n2\x1b[K\n... 3 more lines; a taller window shows them\x1b[K\n\x1b[J");
  });
});

describe("into a pipe", () => {
  it("writes a block for each change and no control sequence", async () => {
    const out = terminal();
    const { look, pause } = looks(frame("up 1s", "up"), frame("up 2s", "up"), frame("down", "down"), frame("up 4s", "up"));
    await watchStatus(look, out, false, pause);
    expect(out.writes).toEqual(["up 1s\n", "down\n", "up 4s\n"]);
  });
});
