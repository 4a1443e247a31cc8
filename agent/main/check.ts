import { join } from "node:path";
import { systemCommands } from "../apply/command.ts";
import { CHECKS } from "../check/checks.ts";
import { ec2Metadata, isEc2 } from "../check/ec2.ts";
import { gather, Unknown } from "../check/facts.ts";
import { hostGatherers, type World } from "../check/gatherers.ts";
import type { CheckReport } from "../check/result.ts";
import { runChecks } from "../check/run.ts";
import { systemReader } from "../check/system-reader.ts";
import { askIke } from "../check/udp-answers.ts";
import type { CheckOptions } from "../cli/check.ts";
import { checkText } from "../cli/check-text.ts";
import { screenOf } from "../cli/screen.ts";
import { systemClock } from "../lib/clock.ts";
import { parseDuration } from "../lib/duration.ts";
import { SpacegateError } from "../lib/errors.ts";
import { apiBase } from "../lib/heroku-host.ts";
import { createHttpClient } from "../lib/http.ts";
import { askStatus } from "../loop/ask.ts";
import { connectionKey } from "../model/connection.ts";
import type { Settings } from "../model/settings.ts";
import type { SourceState } from "../model/source.ts";
import type { Status } from "../model/status.ts";
import { hasModule, ownAddresses } from "../observe/host.ts";
import { readSettings } from "../settings/read.ts";
import { lookOut } from "./check-outlook.ts";
import { metadataBase } from "./metadata-base.ts";
import { type Opened, open } from "./open.ts";

/** After this everything that is not known yet counts as unknown. */
const LIMIT_MS = 13_000;
/** Heroku gets this long, so that there is time left for what rests on its answer. */
const HEROKU_MS = 6000;
const CLOCK_MS = 4000;
const EC2_MS = 8000;

const impatient = (settings: Settings): Settings => {
  const patience = Math.min(parseDuration(settings.heroku.timeout) ?? HEROKU_MS, HEROKU_MS);
  return { ...settings, heroku: { ...settings.heroku, timeout: `${patience}ms` } };
};

/** A shell need not have the token that the service has: what the running agent knows counts as well. */
const withAgentsWord = (state: SourceState, agent: Status | undefined): SourceState => {
  const theirs = agent?.connections.find((one) => connectionKey(one) === connectionKey(state.ref));
  if (state.error?.code !== "TOKEN_MISSING" || theirs?.source.origin !== "source" || theirs.source.error !== null) return state;
  const { error: _error, ...rest } = state;
  return { ...rest, origin: "last-good-copy" };
};

/** How far this host's clock is from that of whoever answers in Heroku's place; the header tells whole seconds. */
const clockOffset = async ({ heroku }: Settings, signal: AbortSignal) => {
  if (heroku.source === "file") throw new Unknown("With source file nobody is asked for the time.", "timedatectl");
  const base = apiBase(process.env);
  const http = createHttpClient(base, process.env, CLOCK_MS);
  const { headers } = await http.send({ method: "GET", url: base, headers: { accept: "application/json" }, signal });
  const theirs = Date.parse(headers.date ?? "");
  if (Number.isNaN(theirs)) throw new Unknown(`${base.host} does not say what time it is.`, "timedatectl");
  const offsetMs = systemClock.now() - theirs;
  return { offsetMs: Math.abs(offsetMs) < 2000 ? 0 : offsetMs, against: base.host };
};

const nothingBelowRoot = async (): Promise<never> => {
  throw new Unknown("--root is used: below a directory there is neither kernel nor daemon.");
};

const worldOf = (opened: Opened, options: CheckOptions): World => {
  const { gateway, sources, host } = opened;
  const { root } = options;
  const { settings } = gateway;
  const reader = systemReader(root);
  const agent = () => askStatus(settings.listen, root);
  const started = sources.start();
  const world: World = {
    settings,
    reader,
    commands: systemCommands,
    askIke: askIke(systemClock),
    addresses: ownAddresses,
    hasModule: (name) => hasModule(root, name),
    sources: async () => {
      const theirs = agent().catch(() => undefined);
      await started;
      const known = await theirs;
      return sources.states().map((state) => withAgentsWord(state, known));
    },
    outlook: async (publicAddresses) => {
      await started;
      return lookOut(opened, options.standalone === true, publicAddresses);
    },
    agent,
    charon: async () => {
      const [{ plugins }, algorithms] = [await host.vici.stats(), await host.vici.getAlgorithms()];
      return { plugins, algorithms };
    },
    clock: (signal) => clockOffset(settings, signal),
    ec2: async (signal) => ((await isEc2(reader)) ? ec2Metadata(signal) : undefined),
    checkedInterfaces,
    tokenFiles: tokenFiles(process.env),
  };
  if (root === "/") return world;
  const none = nothingBelowRoot;
  const nowhere = {
    commands: { run: none },
    askIke: none,
    addresses: () => [],
    hasModule: none,
    charon: none,
    ec2: none,
    checkedInterfaces: none,
  };
  return { ...world, ...nowhere };
};

/** Rejects when EC2 does not say, or not in time. */
const checkedInterfaces = async (signal: AbortSignal): Promise<readonly string[]> => {
  const { ec2Interfaces, instanceRegion } = await import("../firstboot/interfaces.ts");
  const base = metadataBase();
  const interfaces = ec2Interfaces(base, () => instanceRegion(base, signal), signal);
  const ask = async (): Promise<readonly string[]> => {
    const ids = await interfaces.ids();
    const checked = await Promise.all(ids.map((id) => interfaces.isChecked(id)));
    return ids.filter((_, place) => checked[place]);
  };
  // Its timer keeps nobody waiting once the answer is there.
  const late = AbortSignal.timeout(EC2_MS);
  const tooLate = new Promise<never>((_resolve, reject) => {
    late.addEventListener("abort", () => reject(new Unknown("EC2 does not answer in time.")), { once: true });
  });
  return Promise.race([ask(), tooLate]);
};

const tokenFiles = ({ CREDENTIALS_DIRECTORY, HOME }: NodeJS.ProcessEnv): string[] => [
  ...(CREDENTIALS_DIRECTORY ? [join(CREDENTIALS_DIRECTORY, "heroku-api-key")] : []),
  ...(HOME ? [join(HOME, ".netrc")] : []),
];

const assertRoot = ({ root }: CheckOptions): void => {
  if (root !== "/" || process.getuid?.() === 0) return;
  throw new SpacegateError("NOT_ROOT", "Most of what is checked can only be seen by root.", { fix: "sudo spacegate check" });
};

/** Every check on this host. Changes nothing. Rejects with NOT_ROOT or SETTINGS_INVALID. */
export const checkReport = async (options: CheckOptions): Promise<CheckReport> => {
  assertRoot(options);
  const opened = await open(options, false, async ({ file }) => ({ settings: impatient(await readSettings(file)) }));
  try {
    const facts = await gather(hostGatherers(worldOf(opened, options)), AbortSignal.timeout(LIMIT_MS));
    return runChecks(CHECKS, facts);
  } finally {
    await opened.gateway.stop();
    await opened.close();
  }
};

export const check = async (options: CheckOptions): Promise<number> => {
  const report = await checkReport(options);
  const screen = screenOf(process.stdout, process.env, options);
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${checkText(report.results, screen)}\n`);
  return report.ok ? 0 : 1;
};
