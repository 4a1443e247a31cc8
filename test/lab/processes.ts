import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../agent/lib/clock.ts";
import { LabError } from "./check.ts";

export interface Output {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Give a failing exit code back instead of throwing. */
  readonly mayFail?: boolean;
  readonly timeoutSeconds?: number;
}

/** A long-lived process group whose output is captured in a file. */
export interface Running {
  readonly name: string;
  readonly pid: number;
  /** Everything that it has printed so far, both streams. */
  output(): string;
  /** The exit code, null after a signal, undefined while it runs. */
  exitCode(): number | null | undefined;
  /** Sends the signal to the whole process group and waits for the end of its first process. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Sends the signal and does not wait. */
  signal(signal: NodeJS.Signals): void;
  /** kill -9 of the first process alone, whose children live on; resolves when it has ended. */
  kill(): Promise<void>;
}

const PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

/** Starts programs, keeps what they print, and knows what was started: everything is searched for secrets afterwards. */
export class Processes {
  readonly #logs: string;
  readonly #temporary: string;
  #started = 0;

  constructor(logs: string, temporary: string) {
    this.#logs = logs;
    this.#temporary = temporary;
  }

  /** Runs a program to its end. Throws a LabError when it fails, with what it printed. */
  run(argv: readonly string[], options: RunOptions = {}): Promise<Output> {
    const [program, ...args] = argv;
    if (program === undefined) throw new LabError("nothing to run");
    const startedAt = systemClock.monotonic();
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, { env: this.#environment(options.env), stdio: "pipe" });
      const timer = setTimeout(() => child.kill("SIGKILL"), (options.timeoutSeconds ?? 60) * 1000);
      const output = { stdout: "", stderr: "" };
      child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
      // A program that ends without reading its input is judged by its exit code.
      child.stdin.on("error", () => {}).end(options.input ?? "");
      child.on("error", reject);
      child.on("close", (code) => {
        clearTimeout(timer);
        const seconds = ((systemClock.monotonic() - startedAt) / 1000).toFixed(2);
        this.keep("commands", `$ ${argv.join(" ")}\n${output.stdout}${output.stderr}[exit ${code}, ${seconds} s]\n`);
        if (code === 0 || options.mayFail) resolve({ code, ...output });
        else reject(new LabError(`\`${argv.join(" ")}\` ended with ${code}: ${output.stderr.trim() || output.stdout.trim()}`));
      });
    });
  }

  /** Starts a program in a process group of its own. */
  start(name: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    const [program, ...args] = argv;
    if (program === undefined) throw new LabError("nothing to start");
    this.#started += 1;
    const file = join(this.#logs, `${this.#started}-${name}.log`);
    const log = openSync(file, "a");
    const child = spawn(program, args, { env: this.#environment(env), stdio: ["ignore", log, log], detached: true });
    closeSync(log);
    const pid = child.pid;
    if (pid === undefined) throw new LabError(`cannot start \`${argv.join(" ")}\``);
    let code: number | null | undefined;
    const ended = new Promise<void>((resolve) => {
      child.on("exit", (exitCode) => {
        code = exitCode;
        resolve();
      });
    });
    const signal = (which: NodeJS.Signals) => {
      if (code === undefined) process.kill(-pid, which);
    };
    return {
      name,
      pid,
      output: () => readFileSync(file, "utf8"),
      exitCode: () => code,
      signal,
      stop: async (which = "SIGTERM") => {
        signal(which);
        await ended;
      },
      kill: async () => {
        if (code === undefined) process.kill(pid, "SIGKILL");
        await ended;
      },
    };
  }

  /** Adds text to the captured output. */
  keep(name: string, text: string): void {
    writeFileSync(join(this.#logs, `${name}.log`), text, { flag: "a" });
  }

  // Nothing of the caller's environment leaks in: a scenario behaves the same on every machine.
  #environment(env: Readonly<Record<string, string>> = {}): Record<string, string> {
    return { PATH, LC_ALL: "C", HOME: this.#temporary, TMPDIR: this.#temporary, ...env };
  }
}
