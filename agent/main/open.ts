import { join } from "node:path";
import type { CommonOptions } from "../cli/options.ts";
import type { RunOptions } from "../cli/run.ts";
import { systemClock } from "../lib/clock.ts";
import { parseDuration } from "../lib/duration.ts";
import { IpSession } from "../lib/ip-session.ts";
import { LogSwitch } from "../lib/log-switch.ts";
import { createLog, terminal } from "../lib/logger.ts";
import { Redactor } from "../lib/redaction.ts";
import type { Secret } from "../lib/secret.ts";
import { DRILLS_PATH, readDrills } from "../loop/drill-file.ts";
import { Gateway } from "../loop/gateway.ts";
import { refuseUnfit } from "../loop/refuse.ts";
import type { Served } from "../loop/serve.ts";
import { Sources } from "../loop/sources.ts";
import { openWorkshop, systemHost } from "../loop/world.ts";
import { DEBIAN_PATHS } from "../model/paths.ts";
import type { Settings } from "../model/settings.ts";
import { LogLines } from "../observe/log-lines.ts";
import { runPing } from "../observe/ping.ts";
import type { Prober } from "../observe/probe-target.ts";
import { runTcpProbe } from "../observe/tcp-probe.ts";
import { TEMPLATE_NAMES } from "../render/templates.ts";
import { LAST_GOOD_SETTINGS_PATH, type SettingsAtStart, type SettingsPlaces } from "../settings/last-good.ts";
import { DEFAULT_SETTINGS_PATH, readSettings } from "../settings/read.ts";
import { readTemplates } from "../settings/templates.ts";
import { ConnectionPoller, createSource, LAST_GOOD_PATH, LastGoodCopy, watchFile } from "../source/index.ts";
import { findToken, STORED_TOKEN_PATH } from "../source/token.ts";
import { ViciClient } from "../vici/client.ts";
import { BUILT_IN_TEMPLATES, OWN_TEMPLATES } from "./template-paths.ts";
import { VERSION } from "./version.ts";

export interface Opened extends Omit<Served, "templates" | "builtInTemplates" | "openKeeper"> {
  readonly close: () => Promise<void>;
}

/** Milliseconds. */
const PROBER_MS = 20;

export const settingsPath = ({ config, root }: CommonOptions): string => config ?? join(root, DEFAULT_SETTINGS_PATH);

/** To start a program keeps this process from everything else for some milliseconds: what led to it is told first. */
const soon =
  (prober: Prober): Prober =>
  async (target, onResult, signal) => {
    await systemClock.sleep(PROBER_MS, signal).catch(() => undefined);
    return signal.aborted ? "" : prober(target, onResult, signal);
  };

type ReadSettings = (places: SettingsPlaces) => Promise<SettingsAtStart>;

/** A command that shows or does something once would mislead with other settings than the file's. */
const fileOnly: ReadSettings = async ({ file }) => ({ settings: await readSettings(file) });

/** Builds every real adapter and wires the rooms. `mayWrite` false leaves the host as it is. */
export const open = async (options: RunOptions, mayWrite: boolean, read = fileOnly): Promise<Opened> => {
  const { root } = options;
  const settingsPlaces = { file: settingsPath(options), copy: join(root, LAST_GOOD_SETTINGS_PATH) };
  const { settings, refused } = await read(settingsPlaces);
  const redactor = new Redactor();
  // A command that shows something must not bury it in what led to it.
  const level = mayWrite || settings.log.level === "debug" ? settings.log.level : "error";
  const log = createLog({ level, redactor, ...(process.stderr.isTTY ? { destination: await terminal() } : {}) });
  if (refused) log.warn({ code: refused.code, copy: settingsPlaces.copy }, "starting with the last good settings");
  const vici = new ViciClient({ path: join(root, "run/charon.vici") });
  const ip = new IpSession();
  const host = systemHost(root, log, { ip, vici, lines: new LogLines() });
  const workshop = await openWorkshop(host, mayWrite, () => gateway.requestPass());
  const storedToken = join(root, STORED_TOKEN_PATH);
  const lastGood = new LastGoodCopy(join(root, LAST_GOOD_PATH), log, mayWrite);
  const makePoller = ({ heroku }: Settings): ConnectionPoller =>
    new ConnectionPoller({
      source: createSource(heroku, { env: process.env, clock: systemClock, version: VERSION, storedToken }),
      lastGood,
      clock: systemClock,
      random: Math.random,
      log,
      pollIntervalMs: parseDuration(heroku.poll_interval) ?? 60_000,
      check: (connection) => refuseUnfit(connection, gateway.settings),
      onChange: ({ connection }) => {
        for (const tunnel of connection?.tunnels ?? []) redactor.add(tunnel.psk);
        workshop.bringUp.reset();
        gateway.requestPass();
      },
    });
  const token = await findToken(process.env, storedToken).catch(() => undefined);
  if (token) redactor.add(token);
  const sources = new Sources(settings, { makePoller, watchFile });
  const gateway: Gateway = new Gateway(settings, {
    ...workshop.deps,
    version: VERSION,
    states: () => sources.states(),
    templates: () => readTemplates(TEMPLATE_NAMES, join(root, OWN_TEMPLATES), BUILT_IN_TEMPLATES),
    prober: soon((target, ...rest) => (target.port === undefined ? runPing : runTcpProbe)(target, ...rest)),
    standalone: options.standalone === true,
    drills: () => readDrills(join(root, DRILLS_PATH)),
    readOnly: !mayWrite,
    rooted: root !== "/",
    paths: DEBIAN_PATHS,
  });
  const close = async (): Promise<void> => {
    await Promise.all([sources.stop(), vici.stop()]);
    ip.stop();
  };
  const remember = (secret: Secret): void => redactor.add(secret);
  return { settingsPlaces, log, levels: new LogSwitch(log, level), host, workshop, gateway, sources, remember, close };
};
