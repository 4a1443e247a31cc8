import { parseArgs } from "node:util";
import { LabError } from "./check.ts";
import { ENGINE_NAMES, type EngineName, SOURCE_NAMES, type SourceName } from "./engines/engine.ts";
import { SCENARIOS } from "./scenarios/index.ts";
import type { Scenario } from "./scenarios/scenario.ts";

export interface LabOptions {
  /** Undefined: the lab picks one. */
  readonly engine?: EngineName;
  readonly source: SourceName;
  /** "all" stands for every scenario that the engine can run, "most" for those that are not slow. */
  readonly scenarios: readonly Scenario[] | "all" | "most";
  readonly list: boolean;
  readonly json: boolean;
  readonly keep: boolean;
  readonly logs: boolean;
  readonly help: boolean;
}

export const USAGE = `npm run lab -- [--engine native|uml|libipsec] [--source platform-api|heroku-cli|file]
               [--scenario NAME[,NAME…]|most|all] [--list] [--json] [--keep] [--logs]

  --engine    where ESP happens; without it: native where the kernel can, else uml
  --source    where the agent learns the connection's details (platform-api)
  --scenario  what to prove (up); --list names them
  --json      one line of JSON on standard output at the end
  --keep      leave everything running until Ctrl-C, and print how to look inside
  --logs      keep what every process printed in .lab/logs, as is done for failed scenarios anyway
`;

const oneOf = <T extends string>(option: string, value: string, allowed: readonly T[]): T => {
  const found = allowed.find((candidate) => candidate === value);
  if (!found) throw new LabError(`--${option} ${value}: it must be one of ${allowed.join(", ")}`);
  return found;
};

const scenariosNamed = (value: string): readonly Scenario[] | "all" | "most" => {
  if (value === "all" || value === "most") return value;
  const names = SCENARIOS.map(({ name }) => name);
  return value.split(",").map((name) => {
    const known = oneOf("scenario", name, names);
    return SCENARIOS.find((scenario) => scenario.name === known) as Scenario;
  });
};

const CONFIG = {
  engine: { type: "string" },
  source: { type: "string", default: "platform-api" },
  scenario: { type: "string", default: "up" },
  list: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  keep: { type: "boolean", default: false },
  logs: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** Throws a LabError for an unknown option or value. */
export const parseOptions = (args: readonly string[]): LabOptions => {
  const values = (() => {
    try {
      return parseArgs({ args: [...args], options: CONFIG }).values;
    } catch (thrown) {
      throw new LabError(thrown instanceof Error ? thrown.message : String(thrown));
    }
  })();
  return {
    ...(values.engine === undefined ? {} : { engine: oneOf("engine", values.engine, ENGINE_NAMES) }),
    source: oneOf("source", values.source, SOURCE_NAMES),
    scenarios: scenariosNamed(values.scenario),
    list: values.list,
    json: values.json,
    keep: values.keep,
    logs: values.logs,
    help: values.help,
  };
};
