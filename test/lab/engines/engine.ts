import type { LabEvent } from "../events.ts";

/**
 * native: this machine's kernel does ESP. uml: a kernel of user-mode Linux does. libipsec: charon itself does, over a TUN
 * device.
 */
export const ENGINE_NAMES = ["native", "uml", "libipsec"] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** vti: both tunnels up, routes decide. policy: one tunnel up at a time. */
export type Routing = "vti" | "policy";

export const SOURCE_NAMES = ["platform-api", "heroku-cli", "file"] as const;
export type SourceName = (typeof SOURCE_NAMES)[number];

/** What a cell is told, in a file: it may run on another kernel. */
export interface CellOptions {
  readonly engine: EngineName;
  readonly source: SourceName;
  /** Leave everything running after the scenario. */
  readonly keep: boolean;
  /** Hand out what was captured even when all is well. */
  readonly logs: boolean;
  /** A directory with the `heroku` command, for source heroku-cli. */
  readonly herokuBin: string;
  /** The module, relative to test/lab, whose SCENARIOS the names are of. */
  readonly registry: string;
  /** Numbers that a measuring scenario is told, such as how often to repeat. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Files and directories of this machine that a scenario is told of, by its own names for them. */
  readonly paths?: Readonly<Record<string, string>>;
}

export interface EngineRun {
  readonly project: string;
  /** A directory that the cells share with this machine: `options.json` goes in, logs come out. */
  readonly exchange: string;
  readonly scenarios: readonly string[];
  readonly onEvent: (event: LabEvent) => void;
  /** Lines that are no events: for the reader of a failure. */
  readonly onNoise: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Where cells run. */
export interface Engine {
  readonly name: EngineName;
  /** Debian packages that only this engine needs. */
  readonly packages: readonly string[];
  /** Why it cannot run here, as a sentence that says what to do; undefined when it can. */
  unavailable(): Promise<string | undefined>;
  /** Runs the scenarios one after another, each in a cell of its own. Resolves when all processes are gone. */
  run(run: EngineRun): Promise<void>;
}
