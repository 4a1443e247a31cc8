import type { Running } from "./processes.ts";

interface LogLine {
  readonly msg: string;
  /** The kind of the step that the line is about. */
  readonly step?: string;
  readonly [field: string]: unknown;
}

/** Reads the agent's log; what is no JSON (a warning of Node's) is left out. */
export const parseAgentLog = (text: string): LogLine[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as LogLine);

/** The steps that the agent has taken, in their order, as "kind: what it did". */
export const stepsOf = (agent: Running): string[] =>
  parseAgentLog(agent.output()).flatMap(({ step, msg }) => (step === undefined ? [] : [`${step}: ${msg}`]));
