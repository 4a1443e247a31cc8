import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../lib/duration.ts";

/** Milliseconds of what an option like --timeout says. */
export const duration = (value: string): number => {
  const ms = parseDuration(value);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError("It must be a number with a unit: 90s, 20m, 1h.");
  return ms;
};

export const TIMEOUT_MS = 20 * 60_000;
export const POLL_MS = 10_000;

/** The options of every command that waits for Heroku or AWS. */
export const withWaiting = (command: Command): Command =>
  command
    .addOption(
      new Option("--timeout <time>", "give up waiting after this; what has begun goes on")
        .argParser(duration)
        .default(TIMEOUT_MS, "20m"),
    )
    .addOption(new Option("--poll <time>", "time between two questions").argParser(duration).default(POLL_MS, "10s"));
