import { basename } from "node:path";
import { execa } from "execa";
import { childEnv } from "../lib/child-env.ts";
import { SpacegateError } from "../lib/errors.ts";

export interface CommandResult {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs a program to its end; the seam that tests fill with programs of their own. */
export interface CommandRunner {
  /** Rejects with COMMAND_MISSING, COMMAND_TIMEOUT, or COMMAND_FAILED when a signal ended it; an exit code other than 0 is the caller's to judge. */
  run(file: string, args: readonly string[], timeoutMs: number): Promise<CommandResult>;
}

const described = (file: string, args: readonly string[]): string => [file, ...args].join(" ");

/** `ipsec statusall` says about 1 KB a tunnel. */
const MAX_OUTPUT = 16_000_000;

/** `ipsec` is a script that starts others: only ending its whole group ends it. */
const killGroup = (pid: number | undefined): void => {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It ended by itself meanwhile.
  }
};

const spawnAndWait = async (file: string, args: readonly string[], timeoutMs: number) => {
  const child = execa(file, args, {
    all: true,
    reject: false,
    stdin: "ignore",
    detached: true,
    extendEnv: false,
    maxBuffer: MAX_OUTPUT,
    env: childEnv(),
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child.pid);
  }, timeoutMs);
  const result = await child.finally(() => clearTimeout(timer));
  return { ...result, timedOut };
};

const STRONGSWAN = "Install strongSwan: apt-get install strongswan-starter strongswan-charon strongswan-swanctl";

/** Debian's packages of the programs that are not strongSwan's. */
const PACKAGES: Readonly<Record<string, string>> = {
  ip: "iproute2",
  nft: "nftables",
  ss: "iproute2",
  ping: "iputils-ping",
  journalctl: "systemd",
};

const installFix = (file: string): string => {
  const name = PACKAGES[basename(file)];
  return name === undefined ? STRONGSWAN : `Install it: apt-get install ${name}`;
};

const failureOfStart = (file: string, argv: readonly string[], code: string, cause: unknown): SpacegateError =>
  new SpacegateError("COMMAND_MISSING", `${file} could not be started (${code}).`, {
    fix: installFix(file),
    cause,
    details: { argv },
  });

/** The program with nothing in its environment but PATH and LC_ALL: no token reaches it. */
export const systemCommands: CommandRunner = {
  run: async (file, args, timeoutMs) => {
    const { timedOut, exitCode, signal, code, cause, all: output } = await spawnAndWait(file, args, timeoutMs);
    const argv = [file, ...args];
    if (timedOut)
      throw new SpacegateError("COMMAND_TIMEOUT", `${described(file, args)} did not end within ${timeoutMs} ms.`, {
        fix: "Run it by hand and look at what it waits for; the agent tries again by itself.",
        details: { argv, output },
      });
    if (exitCode !== undefined) return { exitCode, output };
    if (signal === undefined) throw failureOfStart(file, argv, code ?? "unknown error", cause);
    throw new SpacegateError("COMMAND_FAILED", `${described(file, args)} was ended by ${signal}.`, {
      fix: "Run it by hand; a program that crashes is a matter for its package, one that was killed for the system's log.",
      details: { argv, output },
    });
  },
};

/** Runs a program that must exit with 0. Rejects with COMMAND_FAILED, its argv and its output otherwise. */
export const runOrFail = async (
  commands: CommandRunner,
  file: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<string> => {
  const { exitCode, output } = await commands.run(file, args, timeoutMs);
  if (exitCode === 0) return output;
  throw new SpacegateError("COMMAND_FAILED", `${described(file, args)} exited with ${exitCode}: ${output.trim().slice(-500)}`, {
    fix:
      exitCode === 7
        ? "strongSwan is not running: systemctl start strongswan-starter"
        : "Run it by hand and look at its messages.",
    details: { argv: [file, ...args], exitCode, output },
  });
};
