import { readFile } from "node:fs/promises";
import type { ConnectOptions } from "../cli/privatelink-connect.ts";
import { connectJson, connectText, type ShownConnect } from "../cli/privatelink-connect-text.ts";
import { LineProgress } from "../cli/progress.ts";
import { systemClock } from "../lib/clock.ts";
import { commandLine } from "../lib/command-line.ts";
import { messageOf, SpacegateError } from "../lib/errors.ts";
import { NOTHING, orInterrupted } from "../lib/flow.ts";
import type { LinkWanted } from "../model/privatelink.ts";
import type { LinkSettings } from "../model/privatelink-settings.ts";
import { openLinkAws, regionOrRefuse } from "../privatelink/aws/open.ts";
import { DataLinks } from "../privatelink/heroku/data-links.ts";
import { PRIVATELINK_WORDING } from "../privatelink/heroku/wording.ts";
import { type Connected, connect } from "../privatelink/loop/connect.ts";
import { readSettings } from "../settings/read.ts";
import { openDataApi, openHerokuApi } from "./heroku-api.ts";
import { settingsPath } from "./open.ts";
import { assertGiven, wantedLink, withAddon } from "./privatelink-wanted.ts";
import { stopSignal } from "./stop-signal.ts";

/**
 * The settings' link of that name. A gateway may have no settings yet; a file that was named, or that `isNeeded`, must be right.
 * Throws SETTINGS_INVALID.
 */
export const declaredLink = async (
  options: { readonly config?: string; readonly root: string },
  name: string | undefined,
  isNeeded: boolean,
): Promise<LinkSettings | undefined> => {
  const reading = readSettings(settingsPath(options));
  const settings = await (isNeeded || options.config !== undefined ? reading : reading.catch(() => undefined));
  return settings?.privatelinks.find((one) => one.name === name);
};

const readPolicy = async (path: string | undefined): Promise<string | undefined> => {
  if (path === undefined) return undefined;
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw new SpacegateError("PRIVATELINK_REFUSED", `--policy: ${messageOf(cause)}`, {
      fix: "Name a file that can be read.",
      cause,
    });
  });
};

/** The same command, as it was typed. */
const typed = (): string => commandLine(["spacegate", ...process.argv.slice(2)]);

const shown = (wanted: LinkWanted, { endpoint, urls, problems }: Connected, showUrl: boolean): ShownConnect => ({
  name: wanted.name,
  endpoint,
  port: wanted.port,
  configVars: urls.map(({ name, url }) => ({ name, ...(showUrl ? { url: url.reveal() } : {}) })),
  app: wanted.target.kind === "heroku" ? wanted.target.app : "",
  notices: problems.map(({ text, fix }) => ({ text, fix })),
});

/** Nothing else says what to connect to, so the settings have to. */
const isOnlyDeclared = ({ name, app, addon, serviceName }: ConnectOptions): boolean =>
  name !== undefined && app === undefined && addon === undefined && serviceName === undefined;

const run = async (asked: ConnectOptions, progress: LineProgress): Promise<ShownConnect> => {
  const { signal } = stopSignal();
  const declared = await declaredLink(asked, asked.name, isOnlyDeclared(asked));
  const options = withAddon(asked, declared);
  assertGiven(options, declared);
  const ask = () => regionOrRefuse(options.region ?? declared?.region, process.env, signal);
  const region = await orInterrupted(signal, NOTHING, ask);
  const wanted = wantedLink(options, declared, region, await readPolicy(options.policy));
  const heroku = new DataLinks({
    platform: openHerokuApi(options.root, { wording: PRIVATELINK_WORDING }),
    data: openDataApi(options.root, { wording: PRIVATELINK_WORDING }),
  });
  const connected = await connect(wanted, {
    aws: await openLinkAws(region),
    heroku,
    clock: systemClock,
    progress,
    signal,
    pollMs: options.poll,
    timeoutMs: options.timeout,
    command: typed(),
    wait: options.wait,
  });
  return shown(wanted, connected, options.showUrl === true);
};

export const privatelinkConnect = async (options: ConnectOptions): Promise<number> => {
  const progress = new LineProgress(process.stderr);
  try {
    const result = await run(options, progress);
    progress.end();
    process.stdout.write(`${options.json ? JSON.stringify(connectJson(result)) : connectText(result)}\n`);
    return 0;
  } finally {
    progress.end();
  }
};
