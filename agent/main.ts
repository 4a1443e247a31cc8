#!/usr/bin/env node
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemCommands } from "./apply/command.ts";
import { drillText } from "./cli/drill-text.ts";
import { type Before, planReport, planText } from "./cli/plan-text.ts";
import { type Actions, buildProgram, type CommonOptions, type DrillOptions, type RunOptions } from "./cli/program.ts";
import { statusText } from "./cli/status-text.ts";
import { healthBody } from "./expose/health-body.ts";
import { systemdNotifier, watchdogInterval } from "./expose/notify.ts";
import { systemClock } from "./lib/clock.ts";
import { parseDuration } from "./lib/duration.ts";
import { messageOf, SpacegateError } from "./lib/errors.ts";
import { IpSession } from "./lib/ip-session.ts";
import { createLog, type Logger, terminal } from "./lib/logger.ts";
import { Redactor } from "./lib/redaction.ts";
import { askStatus } from "./loop/ask.ts";
import { errorText, exitCodeOf, rootedExitCode, runDaemon } from "./loop/daemon.ts";
import { drillRequest, runDrill } from "./loop/drill.ts";
import { DRILLS_PATH, keepDrill, readDrills } from "./loop/drill-file.ts";
import { Gateway } from "./loop/gateway.ts";
import { refuseUnfit } from "./loop/refuse.ts";
import { endTunnels, serve } from "./loop/serve.ts";
import { Sources } from "./loop/sources.ts";
import { type Host, openWorkshop, systemHost, type Workshop } from "./loop/world.ts";
import type { Observed } from "./model/observed.ts";
import { DEBIAN_PATHS } from "./model/paths.ts";
import type { Settings } from "./model/settings.ts";
import { LogLines } from "./observe/log-lines.ts";
import { runPing } from "./observe/ping.ts";
import { runTcpProbe } from "./observe/tcp-probe.ts";
import { isOurs } from "./plan/file-steps.ts";
import type { Fingerprint } from "./render/fingerprint.ts";
import { maskPsks } from "./render/mask.ts";
import { TEMPLATE_NAMES } from "./render/templates.ts";
import { DEFAULT_SETTINGS_PATH, readSettings } from "./settings/read.ts";
import { settingsJsonSchema } from "./settings/schema.ts";
import { readTemplates } from "./settings/templates.ts";
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

const settingsPath = ({ config, root }: CommonOptions): string => config ?? join(root, DEFAULT_SETTINGS_PATH);

/** Builds every real adapter and wires the rooms. `mayWrite` false leaves the host as it is. */
const open = async (options: RunOptions, mayWrite: boolean): Promise<Opened> => {
  const { root } = options;
  const settingsFile = settingsPath(options);
  const settings = await readSettings(settingsFile);
  const redactor = new Redactor();
  // A command that shows something must not bury it in what led to it.
  const level = mayWrite || settings.log.level === "debug" ? settings.log.level : "error";
  const log = createLog({ level, redactor, ...(process.stderr.isTTY ? { destination: await terminal() } : {}) });
  const vici = new ViciClient({ path: join(root, "run/charon.vici") });
  const ip = new IpSession();
  const host = systemHost(root, log, { ip, vici, lines: new LogLines() });
  const workshop = await openWorkshop(host, mayWrite, () => gateway.requestPass());
  const lastGood = new LastGoodCopy(join(root, LAST_GOOD_PATH), log, mayWrite);
  const makePoller = ({ heroku }: Settings): ConnectionPoller =>
    new ConnectionPoller({
      source: createSource(heroku, { env: process.env, clock: systemClock, version: VERSION }),
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
  const token = await findToken(process.env).catch(() => undefined);
  if (token) redactor.add(token);
  const sources = new Sources(settings, { makePoller, watchFile });
  const gateway: Gateway = new Gateway(settings, {
    ...workshop.deps,
    version: VERSION,
    states: () => sources.states(),
    templates: () => readTemplates(TEMPLATE_NAMES, join(root, OWN_TEMPLATES), BUILT_IN_TEMPLATES),
    prober: (target, ...rest) => (target.port === undefined ? runPing : runTcpProbe)(target, ...rest),
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
  return { settingsFile, log, host, workshop, gateway, sources, close };
};

const takeDown = async (host: Host, standalone: boolean): Promise<void> => {
  await endTunnels(host);
  if (standalone) await systemCommands.run("ipsec", ["stop"], 10_000);
};

const run = async (options: RunOptions): Promise<number> => {
  const opened = await open(options, true);
  const { gateway, host, log, sources } = opened;
  let parts: Awaited<ReturnType<typeof serve>> | undefined;
  await runDaemon({
    gateway,
    clock: host.clock,
    log,
    notifier: systemdNotifier(process.env),
    watchdogMs: watchdogInterval(process.env),
    open: async () => {
      parts = await serve({ ...opened, templates: join(options.root, OWN_TEMPLATES) });
      return parts.close;
    },
    startSource: () => sources.start(),
    reread: () => parts?.reread(),
    settings: () => gateway.settings,
    takeDown: options.downOnExit ? () => takeDown(host, options.standalone === true) : undefined,
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
    // Below a directory no tunnel can come up.
    await gateway.bringAbout(options.root === "/" ? ONCE_MS : 0);
    const { status } = gateway;
    process.stdout.write(
      options.json
        ? `${JSON.stringify(healthBody(status))}
`
        : `${statusText(status)}
`,
    );
    return options.root === "/" ? exitCodeOf(status) : rootedExitCode(status);
  } finally {
    await gateway.stop();
    await close();
  }
};

const shownBefore =
  (files: Observed["files"], fingerprint: Fingerprint): Before =>
  (path) => {
    const file = files[path];
    if (!file) return { kind: "absent" };
    return isOurs(file) ? { kind: "own", text: maskPsks(file.content.reveal(), fingerprint) } : { kind: "foreign" };
  };

const plan = async (options: CommonOptions & { readonly json?: boolean; readonly exitCode?: boolean }): Promise<number> => {
  const { gateway, workshop, sources, close } = await open(options, false);
  try {
    await sources.start();
    const { result, files, steps, observed } = await gateway.preview();
    const problems = gateway.status.warnings.filter((warning) => warning.severity !== "info");
    const report = planReport(files, steps, shownBefore(observed.files, workshop.deps.fingerprint), problems);
    process.stdout.write(
      options.json
        ? `${JSON.stringify(report)}
`
        : `${planText(report)}
`,
    );
    if (result.missing.length > 0 || problems.some(({ severity }) => severity === "critical")) return 1;
    return options.exitCode && steps.length > 0 ? 1 : 0;
  } finally {
    await gateway.stop();
    await close();
  }
};

const drill = async (options: DrillOptions): Promise<number> => {
  const settings = await readSettings(settingsPath(options));
  const vici = new ViciClient({ path: join(options.root, "run/charon.vici") });
  const path = join(options.root, DRILLS_PATH);
  try {
    const result = await runDrill(drillRequest(settings, options), {
      status: () => askStatus(settings.listen),
      prober: runPing,
      takeDown: async (conn) => void (await vici.terminate({ ike: conn, force: true, timeoutMs: 3000 })),
      clock: systemClock,
      progress: (text) => process.stderr.write(`${text}\n`),
    });
    await keepDrill(path, result);
    process.stdout.write(`${options.json ? JSON.stringify(result) : drillText(result)}\n`);
    return 0;
  } finally {
    await vici.stop();
  }
};

const schema = async (): Promise<number> => {
  process.stdout.write(`${JSON.stringify(settingsJsonSchema(), null, 2)}
`);
  return 0;
};

const EXIT_CODES: Readonly<Record<string, number>> = { SETTINGS_INVALID: 3 };

const actions: Actions = { run, once, plan, drill, schema };

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
