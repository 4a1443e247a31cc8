import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { run } from "../../packer/image/run.ts";
import { directory } from "./support.ts";

const { signal } = new AbortController();

const alive = async (pid: number): Promise<boolean> => {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // A process that nobody has waited for yet has ended too.
  return status !== "" && !/\) Z /.test(status);
};

const until = async (what: () => Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 200; tries++) {
    if (await what()) return;
    await sleep(50);
  }
  throw new Error("waited in vain");
};

const pidIn = async (file: string): Promise<number> => Number(await readFile(file, "utf8").catch(() => ""));

describe("a program of the build", () => {
  it("tells its output, both kinds, line by line", async () => {
    const lines: string[] = [];
    const text = await run("sh", ["-c", "echo one; sleep 0.1; echo two >&2"], { signal, onLine: (line) => lines.push(line) });
    expect(text).toBe("one\ntwo\n");
    expect(lines).toEqual(["one", "two"]);
  });

  it("fails with its last words", async () => {
    await expect(run("sh", ["-c", "echo why; exit 3"], { signal })).rejects.toThrow("sh failed (3):\nwhy");
  });

  it("is named with its package when it is missing", async () => {
    const env = { PATH: "/nowhere" };
    await expect(run("packer", [], { signal, env })).rejects.toThrow("packer is missing: apt-get install packer");
  });

  it("leaves nothing running when it ends", async () => {
    const file = join(directory(), "pid");
    await run("sh", ["-c", 'sleep 60 >/dev/null 2>&1 & echo $! >"$0"', file], { signal });
    await until(async () => !(await alive(await pidIn(file))));
  });

  it("is interrupted by its owner's signal, tidies up, and takes along what it has started", async () => {
    const root = directory();
    const stop = new AbortController();
    const script = 'trap "echo tidy >$0/tidied; exit 1" INT; sleep 60 & echo $! >$0/pid; wait';
    const ended = run("sh", ["-c", script, root], { signal: stop.signal });
    const outcome = expect(ended).rejects.toThrow("enough");
    await until(async () => (await pidIn(join(root, "pid"))) > 0);
    const pid = await pidIn(join(root, "pid"));
    expect(await alive(pid)).toBe(true);
    stop.abort(new Error("enough"));
    await outcome;
    expect(await readFile(join(root, "tidied"), "utf8")).toBe("tidy\n");
    await until(async () => !(await alive(pid)));
  });

  it("does not begin when it is too late", async () => {
    const file = join(directory(), "pid");
    await expect(run("sh", ["-c", 'echo 1 >"$0"', file], { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow(
      "enough",
    );
    expect(await pidIn(file)).toBe(0);
  });
});
