#!/usr/bin/env node
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemCommands } from "./apply/command.ts";
import { planReport, planText } from "./cli/plan-text.ts";
import { type Actions, buildProgram, type CommonOptions, type RunOptions } from "./cli/program.ts";
import { statusText } from "./cli/status-text.ts";
import { healthBody } from "./expose/health-body.ts";
import { systemdNotifier, watchdogInterval } from "./expose/notify.ts";
import { buildServer, listen } from "./expose/server.ts";
import { systemClock } from "./lib/clock.ts";
import { parseDuration } from "./lib/duration.ts";
import { messageOf, SpacegateError } from "./lib/errors.ts";
import { IpSession } from "./lib/ip-session.ts";
import { createLog, type Logger } from "./lib/logger.ts";
import { Redactor } from "./lib/redaction.ts";
import { charonEvents } from "./loop/charon-events.ts";
import { errorText, exitCodeOf, runDaemon } from "./loop/daemon.ts";
import { Gateway } from "./loop/gateway.ts";
import { Sources } from "./loop/sources.ts";
import { type Host, openWorkshop, systemHost, type Workshop } from "./loop/world.ts";
import { type Connection, connectionKey } from "./model/connection.ts";
import { DEBIAN_PATHS } from "./model/paths.ts";
import type { Settings } from "./model/settings.ts";
import { LogLines } from "./observe/log-lines.ts";
import { runPing } from "./observe/ping.ts";
import { isOwnConn } from "./plan/naming.ts";
import { validateConnection } from "./plan/validate.ts";
import { TEMPLATE_NAMES } from "./render/templates.ts";
import { DEFAULT_SETTINGS_PATH, readSettings } from "./settings/read.ts";
import { settingsJsonSchema } from "./settings/schema.ts";
import { readTemplates } from "./settings/templates.ts";
import { SettingsWatcher } from "./settings/watch.ts";
import { ConnectionPoller, createSource, LAST_GOOD_PATH, LastGoodCopy, watchFile } from "./source/index.ts";
import { findToken } from "./source/token.ts";
import { ViciClient } from "./vici/client.ts";

const VERSION = "0.1.0";
const OWN_TEMPLATES = "/etc/spacegate/templates";
const BUILT_IN_TEMPLATES = fileURLToPath(new URL("../templates", import.meta.url));

interface Opened {
  readonly settingsFile: string;
  readonly log: Logger;
  readonly host: Host;
  readonly workshop: Workshop;
  readonly gateway: Gateway;
  readonly sources: Sources;
  readonly close: () => Promise<void>;
}

const NO_COPY = { load: async () => new Map(), save: async () => {} };

/** Builds every real adapter and wires the rooms. `mayWrite` false leaves the host as it is. */
const open = async (options: RunOptions, mayWrite: boolean): Promise<Opened> => {
  const { root } = options;
  const settingsFile = options.config ?? join(root, DEFAULT_SETTINGS_PATH);
  const settings = await readSettings(settingsFile);
  const redactor = new Redactor();
  const log = createLog({ level: settings.log.level, readable: process.stderr.isTTY === true, redactor });
  const vici = new ViciClient({ path: join(root, "run/charon.vici") });
  const ip = new IpSession();
  const host = systemHost(root, log, { ip, vici, lines: new LogLines() });
  const workshop = await openWorkshop(host, mayWrite, () => gateway.requestPass());
  const makePoller = ({ heroku }: Settings): ConnectionPoller =>
    new ConnectionPoller({
      source: createSource(heroku, { env: process.env, clock: systemClock, version: VERSION }),
      lastGood: mayWrite ? new LastGoodCopy(join(root, LAST_GOOD_PATH), log) : NO_COPY,
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
  const token = await findToken(process.env).catch(() => undefined);
  if (token) redactor.add(token);
  const sources = new Sources(settings, { makePoller, watchFile });
  const gateway: Gateway = new Gateway(settings, {
    ...workshop.deps,
    version: VERSION,
    states: () => sources.states(),
    templates: () => readTemplates(TEMPLATE_NAMES, join(root, OWN_TEMPLATES), BUILT_IN_TEMPLATES),
    prober: runPing,
    standalone: options.standalone === true,
    readOnly: !mayWrite,
    paths: DEBIAN_PATHS,
  });
  const close = async (): Promise<void> => {
    await Promise.all([sources.stop(), vici.stop()]);
    ip.stop();
  };
  return { settingsFile, log, host, workshop, gateway, sources, close };
};

/** Details that do not fit must not replace good ones, in force or kept; what only this host can tell is left to the pass. */
const refuseUnfit = (connection: Connection, settings: Settings): void => {
  const own = settings.connections.find((one) => connectionKey(one) === connectionKey(connection));
  const problems = own ? validateConnection(connection, own, { vti: false, sourceAddress: {}, addresses: [] }) : [];
  const errors = problems.filter((problem) => problem.severity === "error");
  const [first] = errors;
  if (!first) return;
  throw new SpacegateError(
    "CONNECTION_INVALID",
    errors.map(({ field, value, message }) => `${field} ${value} ${message}`).join("; "),
    {
      fix: first.fix,
      details: { fields: errors.map(({ field }) => field) },
    },
  );
};

/** Watches settings, templates and charon, and serves HTTP; resolves to what ends all of it. */
const openDaemon = async (opened: Opened): Promise<{ close: () => Promise<void>; reread: () => void }> => {
  const { gateway, host, log, settingsFile, sources, workshop } = opened;
  const watcher = new SettingsWatcher({
    file: settingsFile,
    current: gateway.settings,
    log,
    onChange: (settings) => {
      log.info({}, "the settings changed");
      log.level = settings.log.level;
      gateway.useSettings(settings);
      void sources.use(settings).then(() => gateway.requestPass());
    },
    onRefused: (error) => {
      log.error({ code: error.code, fix: error.fix }, error.message);
      gateway.refuseSettings(error);
    },
  });
  const templates = await Promise.all(
    TEMPLATE_NAMES.map((name) => watchFile(join(host.root, OWN_TEMPLATES, `${name}.hbs`), () => gateway.requestPass())),
  );
  const { listen: address } = gateway.settings;
  const app = buildServer(() => gateway.status, address.address);
  await listen(app, address);
  log.info({}, `serving http://${address.address}:${address.port}/healthz and /metrics`);
  host.vici.start(charonEvents(gateway, { clock: host.clock, log, lines: host.lines, onReturn: () => workshop.bringUp.reset() }));
  await watcher.start();
  const close = async (): Promise<void> => {
    await Promise.all([watcher.stop(), app.close(), ...templates.map((watch) => watch.close())]);
  };
  const reread = (): void => {
    log.info({}, "SIGHUP: reading settings, templates and details anew");
    void watcher.look();
    void sources.refresh();
    gateway.requestPass();
  };
  return { close, reread };
};

const takeDown = async ({ host }: Opened, standalone: boolean): Promise<void> => {
  for (const ike of await host.vici.listSas())
    if (isOwnConn(ike.name)) await host.vici.terminate({ ikeId: ike.uniqueId, force: true, timeoutMs: 1000 });
  if (standalone) await systemCommands.run("ipsec", ["stop"], 10_000);
};

const run = async (options: RunOptions): Promise<number> => {
  const opened = await open(options, true);
  const { gateway, host, log, sources } = opened;
  let parts: Awaited<ReturnType<typeof openDaemon>> | undefined;
  await runDaemon({
    gateway,
    clock: host.clock,
    log,
    notifier: systemdNotifier(process.env),
    watchdogMs: watchdogInterval(process.env),
    open: async () => {
      parts = await openDaemon(opened);
      return parts.close;
    },
    startSource: () => sources.start(),
    reread: () => parts?.reread(),
    settings: () => gateway.settings,
    takeDown: options.downOnExit ? () => takeDown(opened, options.standalone === true) : undefined,
  });
  await opened.close();
  return 0;
};

/** Tunnels get this long to come up in `once`. */
const ONCE_MS = 30_000;

const once = async (options: RunOptions & { readonly json?: boolean }): Promise<number> => {
  const { gateway, sources, close } = await open(options, true);
  try {
    await sources.start();
    await gateway.bringAbout(ONCE_MS);
    const { status } = gateway;
    process.stdout.write(
      options.json
        ? `${JSON.stringify(healthBody(status))}
`
        : `${statusText(status)}
`,
    );
    return exitCodeOf(status);
  } finally {
    await gateway.stop();
    await close();
  }
};

const plan = async (options: CommonOptions & { readonly json?: boolean; readonly exitCode?: boolean }): Promise<number> => {
  const { gateway, host, sources, close } = await open(options, false);
  try {
    await sources.start();
    const { result, files, steps } = await gateway.preview();
    const problems = gateway.status.warnings.filter((warning) => warning.severity !== "info");
    const report = planReport(files, steps, (path) => existsSync(join(host.root, path)), problems);
    process.stdout.write(
      options.json
        ? `${JSON.stringify(report)}
`
        : `${planText(report)}
`,
    );
    if (result.missing.length > 0) return 1;
    return options.exitCode && steps.length > 0 ? 1 : 0;
  } finally {
    await gateway.stop();
    await close();
  }
};

const schema = async (): Promise<number> => {
  process.stdout.write(`${JSON.stringify(settingsJsonSchema(), null, 2)}
`);
  return 0;
};

const EXIT_CODES: Readonly<Record<string, number>> = { SETTINGS_INVALID: 3 };

const actions: Actions = { run, once, plan, schema };

const program = buildProgram(VERSION, actions, (exitCode) => {
  process.exitCode = exitCode;
});

try {
  await program.parseAsync();
} catch (thrown) {
  process.stderr.write(
    thrown instanceof SpacegateError
      ? `${errorText(thrown)}
`
      : `${messageOf(thrown)}
`,
  );
  process.exitCode = (thrown instanceof SpacegateError && EXIT_CODES[thrown.code]) || 1;
}
