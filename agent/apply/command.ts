import { execa } from "execa";
import { SpacegateError } from "../lib/errors.ts";

export interface CommandResult {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs a program to its end; the seam that tests fill with programs of their own. */
export interface CommandRunner {
  /** Rejects with COMMAND_MISSING or COMMAND_TIMEOUT; an exit code other than 0 is the caller's to judge. */
  run(file: string, args: readonly string[], timeoutMs: number): Promise<CommandResult>;
}

const described = (file: string, args: readonly string[]): string => [file, ...args].join(" ");

/** The program with nothing in its environment but PATH and LC_ALL: no token reaches it. */
export const systemCommands: CommandRunner = {
  run: async (file, args, timeoutMs) => {
    const result = await execa(file, args, {
      all: true,
      reject: false,
      stdin: "ignore",
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      extendEnv: false,
      maxBuffer: 1_000_000,
      env: { PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
    });
    if (result.timedOut)
      throw new SpacegateError("COMMAND_TIMEOUT", `${described(file, args)} did not end within ${timeoutMs} ms.`, {
        fix: "Run it by hand and look at what it waits for; the agent tries again by itself.",
        details: { argv: [file, ...args], output: result.all },
      });
    if (result.exitCode === undefined)
      throw new SpacegateError("COMMAND_MISSING", `${file} could not be started: ${result.shortMessage ?? ""}`, {
        fix: "Install strongSwan: apt-get install strongswan-starter strongswan-charon strongswan-swanctl",
        cause: result.cause,
        details: { argv: [file, ...args] },
      });
    return { exitCode: result.exitCode, output: result.all };
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
