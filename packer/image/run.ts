import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { errnoOf } from "../../agent/lib/errors.ts";

/** The programs that make an image, and the Debian packages that have them. */
const BROUGHT_BY: Readonly<Record<string, string>> = {
  mmdebstrap: "mmdebstrap",
  sfdisk: "fdisk",
  mke2fs: "e2fsprogs",
  "qemu-img": "qemu-utils",
  "qemu-system-x86_64": "qemu-system-x86",
  packer: "packer",
  "ssh-keygen": "openssh-client",
};

/** After an interruption, for a program to tidy up: Packer deletes what it has made. */
const GRACE_MS = 20_000;
const TOLD_LINES = 40;

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Gets every line of standard output and standard error. */
  readonly onLine?: (line: string) => void;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

interface Ended {
  readonly output: string;
  readonly code: number | null;
}

/** To a whole process group, as a terminal does it: Packer runs in several processes, and the first one does not pass it on. */
const signalGroup = (pid: number | undefined, name: "SIGINT" | "SIGKILL"): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch (thrown) {
    if (errnoOf(thrown) !== "ESRCH") throw thrown;
  }
};

/** Both outputs as they come, by lines; returns what has come so far. */
const listen = ({ stdout, stderr }: Child, onLine: (line: string) => void): (() => string) => {
  let output = "";
  let rest = "";
  const take = (text: string): void => {
    output += text;
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  };
  for (const stream of [stdout, stderr]) stream.setEncoding("utf8").on("data", take);
  return () => output;
};

/** Interrupts a process group when `signal` says so; the result is to be called when the group has ended. */
const interruptOn = (signal: AbortSignal, pid: number | undefined): (() => void) => {
  let grace: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    signalGroup(pid, "SIGINT");
    grace = setTimeout(() => signalGroup(pid, "SIGKILL"), GRACE_MS);
  };
  signal.addEventListener("abort", interrupt, { once: true });
  return () => {
    clearTimeout(grace);
    signal.removeEventListener("abort", interrupt);
  };
};

const start = (file: string, args: readonly string[], options: RunOptions): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const { signal, cwd, env, onLine = () => undefined } = options;
    // A process group of its own: a terminal's Ctrl-C reaches it through us only, and whatever it started ends with it.
    const child = spawn(file, args, {
      ...{ detached: true, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, LC_ALL: "C.UTF-8", ...env } },
      ...(cwd === undefined ? {} : { cwd }),
    });
    const output = listen(child, onLine);
    const settle = interruptOn(signal, child.pid);
    child.once("error", (thrown) => {
      settle();
      reject(thrown);
    });
    // What a program left running would hold the pipes open, so that its end is not waited for.
    child.once("exit", () => signalGroup(child.pid, "SIGKILL"));
    child.once("close", (code) => {
      settle();
      resolve({ output: output(), code });
    });
  });

/**
 * Runs a program that must exit with 0; what it said on both outputs. When `signal` says so it is interrupted, and with it ends
 * everything that it started. Throws an Error that names what to install, or has the program's last words.
 */
export const run = async (file: string, args: readonly string[], options: RunOptions): Promise<string> => {
  options.signal.throwIfAborted();
  try {
    const { output, code } = await start(file, args, options);
    options.signal.throwIfAborted();
    if (code === 0) return output;
    throw new Error(`${file} failed (${code ?? "killed"}):\n${output.trim().split("\n").slice(-TOLD_LINES).join("\n")}`);
  } catch (thrown) {
    const missing = errnoOf(thrown) === "ENOENT" ? BROUGHT_BY[file] : undefined;
    throw missing === undefined ? thrown : new Error(`${file} is missing: apt-get install ${missing}`, { cause: thrown });
  }
};
