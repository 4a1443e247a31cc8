import { type DestinationStream, pino } from "pino";
import type { Log, LogLevel } from "./log.ts";
import type { Redactor } from "./redaction.ts";

export interface LogOptions {
  readonly level: LogLevel;
  readonly redactor: Redactor;
  /** Where finished lines go; without it standard error, one JSON object a line, as a service wants it. */
  readonly destination?: DestinationStream;
}

export interface Logger extends Log {
  level: string;
}

/** For a person at a terminal. A service never loads it, which saves it the memory. */
export const terminal = async (): Promise<DestinationStream> => {
  const { default: pretty } = await import("pino-pretty");
  return pretty({
    destination: 2,
    sync: true,
    colorize: process.stderr.isTTY && !process.env.NO_COLOR,
    translateTime: "SYS:HH:MM:ss.l",
    ignore: "step",
  });
};

/** Logs to standard error. Whatever the redactor knows is taken out of the finished line, however it got there. */
export const createLog = ({ level, redactor, destination = pino.destination({ dest: 2, sync: true }) }: LogOptions): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: (line) => redactor.redact(line) },
    },
    destination,
  );
