import { expect, it } from "vitest";
import type { LogLevel } from "../../agent/lib/log.ts";
import { LogSwitch } from "../../agent/lib/log-switch.ts";

const LEVELS = ["debug", "info", "warn", "error"];

/** A switch over a logger that keeps what it would have written. */
const at = (level: LogLevel) => {
  const log = {
    level: level as string,
    lines: [] as string[],
    info: (_fields: object, message: string) => {
      if (LEVELS.indexOf(log.level) <= LEVELS.indexOf("info")) log.lines.push(message);
    },
  };
  return { log, levels: new LogSwitch(log, level) };
};

const after = (level: LogLevel, ...changes: ("toggle" | LogLevel)[]): string[] => {
  const { log, levels } = at(level);
  return changes.map((change) => {
    if (change === "toggle") levels.toggle();
    else levels.use(change);
    return log.level;
  });
};

it.each([
  ["to debug and back", "info", ["toggle", "toggle", "toggle"], ["debug", "info", "debug"]],
  ["from debug to info and back", "debug", ["toggle", "toggle"], ["info", "debug"]],
  ["back to the level that the settings have", "error", ["toggle", "toggle"], ["debug", "error"]],
  ["not away by settings that changed something else", "info", ["toggle", "info", "toggle"], ["debug", "debug", "info"]],
  [
    "to the level that the settings ask for anew",
    "info",
    ["toggle", "warn", "toggle", "toggle"],
    ["debug", "warn", "debug", "warn"],
  ],
] as const)("switches %s", (_what, level, changes, levels) => {
  expect(after(level, ...changes)).toEqual(levels);
});

it("says so, both times, whatever the level", () => {
  const { log, levels } = at("error");
  levels.toggle();
  levels.toggle();
  expect(log.lines).toEqual([
    "SIGUSR1: the log level is debug; the next one changes it back",
    "SIGUSR1: the log level is error; the next one changes it back",
  ]);
});
