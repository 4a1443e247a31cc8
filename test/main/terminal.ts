import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { onTestFinished } from "vitest";
import { MAIN } from "./support.ts";

/** The agent at a terminal of its own, with a person who reads and types. */
export interface Terminal {
  /** Waits until the pattern is on the screen below what was waited for before. Rejects with the screen's text. */
  until(pattern: RegExp): Promise<void>;
  type(keys: string): void;
  /** SIGTERM for the agent, not for its terminal. */
  terminate(): void;
  /** The exit code. */
  readonly ended: Promise<number | null>;
  /** Everything that was shown, without colours. */
  readonly text: () => string;
}

export const ENTER = "\r";
export const ESCAPE = "\u001B";
export const CTRL_C = "\u0003";

const PATIENCE_MS = 15_000;

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);

/** `script` (util-linux) makes the terminal; what it is sent is typed. */
export const atTerminal = (args: readonly string[], env: Record<string, string>): Terminal => {
  const command = `stty cols 200 rows 50; exec ${[process.execPath, MAIN, ...args].map(quoted).join(" ")}`;
  const child = spawn("script", ["--quiet", "--return", "--flush", "--command", command, "/dev/null"], {
    env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent", TERM: "xterm", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let shown = "";
  let read = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const text = () => stripVTControlCharacters(shown);
  return {
    until: async (pattern) => {
      for (let waited = 0; waited < PATIENCE_MS; waited += 20) {
        const found = pattern.exec(text().slice(read));
        if (found) {
          read += found.index + found[0].length;
          return;
        }
        await delay(20);
      }
      throw new Error(`waited for ${pattern}; the screen has:\n${text().slice(read)}`);
    },
    type: (keys) => void child.stdin.write(keys),
    terminate: () => {
      for (const pid of childrenOf(child.pid ?? 0)) process.kill(pid, "SIGTERM");
    },
    ended,
    text,
  };
};
