import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { parseEvent } from "../events.ts";
import { childrenOf } from "../process-tree.ts";
import type { EngineRun } from "./engine.ts";

/**
 * Runs a program whose output is events. It is killed when the run is aborted and, through its parent-death signal, when this
 * program is killed; a cell or a machine then ends with its first process.
 */
export const spawnWithEvents = (
  argv: readonly string[],
  run: EngineRun,
  env: Readonly<Record<string, string>> = {},
): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn("setpriv", ["--pdeathsig", "KILL", ...argv], {
      cwd: run.project,
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", HOME: run.exchange, TMPDIR: run.exchange, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      // Out of the terminal's process group: Ctrl-C is for this program, which then ends its children in order.
      detached: true,
    });
    // The cell's or machine's first process goes first, so that its parent, which we started, can still reap it.
    const kill = () => {
      const firsts = child.pid === undefined ? [] : childrenOf(child.pid);
      for (const pid of firsts) process.kill(pid, "SIGKILL");
      if (firsts.length === 0) child.kill("SIGKILL");
    };
    run.signal.addEventListener("abort", kill, { once: true });
    createInterface({ input: child.stdout }).on("line", (line) => {
      const event = parseEvent(line);
      if (event) run.onEvent(event);
      else run.onNoise(line);
    });
    createInterface({ input: child.stderr }).on("line", run.onNoise);
    child.on("error", reject);
    child.on("close", () => {
      run.signal.removeEventListener("abort", kill);
      resolve();
    });
  });
