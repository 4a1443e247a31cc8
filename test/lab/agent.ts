import { dirname, join } from "node:path";
import { stringify } from "yaml";
import type { Box } from "./box.ts";
import type { CellOptions, Routing } from "./engines/engine.ts";
import { type Heroku, sampleConnection } from "./heroku.ts";
import type { Processes, Running } from "./processes.ts";
import { RECORDER_BIN } from "./recorder.ts";
import { SAMPLE } from "./sample.ts";
import { charonFragment } from "./strongswan.ts";

/** The settings file, as an object: `agent/model/settings.ts` has its schema. */
export type RawSettings = Readonly<Record<string, unknown>>;

/** Absolute, because entering a mount namespace changes the working directory. */
const SOURCE = join(import.meta.dirname, "../../agent/main.ts");
/** What is installed; `npm run build` makes it. */
const BUNDLE = join(import.meta.dirname, "../../dist/spacegate.mjs");

const CONFIG = "/etc/spacegate/config.yaml";
const SAVED_JSON = "/etc/spacegate/connections.json";

export const HTTP = "http://127.0.0.1:9747";

/** What a user of the documented sample connection writes. */
export const sampleSettings = (source: CellOptions["source"], routing: Routing): RawSettings => ({
  heroku: { source, poll_interval: "5s", ...(source === "file" ? { file: SAVED_JSON } : {}) },
  connections: [
    {
      space: SAMPLE.space,
      name: SAMPLE.connection,
      local: { address: SAMPLE.gateway, subnets: [SAMPLE.localSubnet] },
      routing,
      probe: { target: SAMPLE.dyno },
    },
  ],
});

/** Writes the settings file in the gateway; the agent watches it. */
export const writeSettings = async (box: Box, settings: RawSettings): Promise<void> => box.write(CONFIG, stringify(settings));

/** Puts what the host would have: the lab's strongswan.conf fragment, and the saved JSON for source file. */
export const prepareGateway = async (box: Box, options: CellOptions): Promise<void> => {
  await box.write("/etc/strongswan.d/lab.conf", charonFragment(options.engine));
  if (options.source === "file") await box.write(SAVED_JSON, JSON.stringify(sampleConnection()), 0o600);
};

/** `spacegate …`. */
export const programCommand = (...args: readonly string[]): string[] => [process.execPath, SOURCE, ...args];

/** `spacegate COMMAND …` with the gateway's settings. */
export const agentCommand = (command: string, ...options: readonly string[]): string[] =>
  programCommand(command, ...options, "--config", CONFIG);

export const agentEnvironment = (heroku: Heroku, options: CellOptions): Record<string, string> => ({
  PATH: [RECORDER_BIN, options.herokuBin, dirname(process.execPath), "/usr/sbin:/usr/bin:/sbin:/bin"].filter(Boolean).join(":"),
  HOME: "/run/home",
  TMPDIR: "/run/home",
  HEROKU_HOST: heroku.url,
  HEROKU_API_KEY: SAMPLE.token,
});

export const PROGRAMS = { source: SOURCE, bundle: BUNDLE } as const;

/** The daemon started by its own first line, which says how Node is to be started. */
export const daemonCommand = (program: keyof typeof PROGRAMS, ...options: readonly string[]): string[] => [
  PROGRAMS[program],
  ...agentCommand("run", ...options).slice(2),
];

/** How strongSwan is started in the lab: there is no init system. */
export const STANDALONE = "--standalone";

/** Starts the agent in the gateway as a user would; with the parameter `bundle` what is installed. */
export const startAgent = (
  box: Box,
  processes: Processes,
  heroku: Heroku,
  options: CellOptions,
  more: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Running =>
  processes.start("agent", box.inside(daemonCommand(options.parameters.bundle ? "bundle" : "source", ...more)), {
    ...agentEnvironment(heroku, options),
    ...environment,
  });
