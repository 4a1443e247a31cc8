import { pino } from "pino";
import type { Log, LogLevel } from "./log.ts";
import type { Redactor } from "./redaction.ts";

export interface LogOptions {
  readonly level: LogLevel;
  /** True for a person at a terminal, false for a service: one JSON object a line. */
  readonly readable: boolean;
  readonly redactor: Redactor;
}

export interface Logger extends Log {
  level: string;
}

/** Logs to standard error. Whatever the redactor knows is taken out of the finished line, however it got there. */
export const createLog = async ({ level, readable, redactor }: LogOptions): Promise<Logger> =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: (line) => redactor.redact(line) },
    },
    readable
      ? // A service never needs it, and would pay for it in memory.
        (await import("pino-pretty")).default({
          destination: 2,
          sync: true,
          colorize: process.stderr.isTTY && !process.env.NO_COLOR,
          translateTime: "SYS:HH:MM:ss.l",
          ignore: "step",
        })
      : pino.destination({ dest: 2, sync: true }),
  );
