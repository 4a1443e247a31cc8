import { join } from "node:path";
import { type Screen, screenOf } from "../cli/screen.ts";
import type { StatusOptions } from "../cli/status.ts";
import { offlineText } from "../cli/status-offline-text.ts";
import { statusText } from "../cli/status-text.ts";
import { type Frame, watchStatus } from "../cli/status-watch.ts";
import { overallHealth } from "../health/evaluate.ts";
import { systemClock } from "../lib/clock.ts";
import { SpacegateError } from "../lib/errors.ts";
import { createLog } from "../lib/logger.ts";
import { Redactor } from "../lib/redaction.ts";
import { askStatus } from "../loop/ask.ts";
import { exitCodeOf } from "../loop/daemon.ts";
import { offlineStatus } from "../loop/offline-status.ts";
import { statusText as statusallText } from "../loop/world.ts";
import { connectionKey } from "../model/connection.ts";
import type { OfflineStatus } from "../model/offline-status.ts";
import type { Settings } from "../model/settings.ts";
import type { Status } from "../model/status.ts";
import { observeCharon } from "../observe/charon.ts";
import { readSettings } from "../settings/read.ts";
import { LAST_GOOD_PATH, LastGoodCopy } from "../source/last-good.ts";
import { ViciClient } from "../vici/client.ts";
import { settingsPath } from "./open.ts";

type Seen = { readonly kind: "agent"; readonly status: Status } | { readonly kind: "offline"; readonly status: OfflineStatus };

const refsOf = (settings: Settings, wanted: string | undefined): Settings["connections"] => {
  const named = settings.connections.filter((own) => wanted === undefined || connectionKey(own) === wanted);
  if (named.length > 0) return named;
  throw new SpacegateError("CONNECTION_UNKNOWN", `The settings have no connection ${wanted}.`, {
    fix: `Say --connection with one of: ${settings.connections.map(connectionKey).join(", ")}`,
  });
};

/** With warnings about the host: they hold for every connection. */
const onlyOne = (status: Status, wanted: string | undefined): Status => {
  if (wanted === undefined) return status;
  const connections = status.connections.filter((one) => connectionKey(one) === wanted);
  return {
    ...status,
    status: status.ready ? overallHealth(connections.map((one) => one.status)) : "starting",
    connections,
    warnings: status.warnings.filter(({ connection }) => connection === undefined || connection === wanted),
  };
};

const lookWithoutAgent = async (error: SpacegateError, { root, connection }: StatusOptions, settings: Settings) => {
  const vici = new ViciClient({ path: join(root, "run/charon.vici") });
  const log = createLog({ level: "error", redactor: new Redactor() });
  try {
    const [charon, kept] = await Promise.all([
      observeCharon(vici, root === "/" ? statusallText : async () => undefined, root),
      new LastGoodCopy(join(root, LAST_GOOD_PATH), log, false).load(),
    ]);
    return offlineStatus({ error, refs: refsOf(settings, connection), charon, kept, now: systemClock.now() });
  } finally {
    await vici.stop();
  }
};

const look = async (options: StatusOptions, settings: Settings): Promise<Seen> => {
  try {
    return { kind: "agent", status: onlyOne(await askStatus(settings.listen, options.root), options.connection) };
  } catch (thrown) {
    if (!(thrown instanceof SpacegateError)) throw thrown;
    return { kind: "offline", status: await lookWithoutAgent(thrown, options, settings) };
  }
};

const textOf = (seen: Seen, screen: Screen): string =>
  seen.kind === "agent" ? statusText(seen.status, screen) : offlineText(seen.status, screen);

const codeOf = (seen: Seen): number => (seen.kind === "agent" ? exitCodeOf(seen.status) : 1);

/** States and warnings, without the numbers and times that differ in every look. */
const keyOf = ({ status }: Seen): string =>
  JSON.stringify(status, (key, value) =>
    /^(at|since|startedAt|rttMs|lossRatio|bytes\w+|packets\w+|lastPacketInAt|establishedS|confirmedAt|passes|childRekeys)$/.test(
      key,
    )
      ? undefined
      : value,
  );

/** Ends with Ctrl-C or when the reader goes away; a resized window asks for another look at once. */
const pauses = () => {
  const ended = new AbortController();
  const end = () => ended.abort();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
  process.stdout.on("error", end);
  let wake = new AbortController();
  process.stdout.on("resize", () => wake.abort());
  return async (): Promise<boolean> => {
    wake = new AbortController();
    await systemClock.sleep(1000, AbortSignal.any([ended.signal, wake.signal])).catch(() => undefined);
    return !ended.signal.aborted;
  };
};

const watch = async (options: StatusOptions, settings: Settings): Promise<number> => {
  const inPlace = process.stdout.isTTY === true && !options.json;
  let code = 1;
  const next = async (): Promise<Frame> => {
    const seen = await look(options, settings);
    code = codeOf(seen);
    const screen = screenOf(process.stdout, process.env, options);
    if (options.json) return { key: keyOf(seen), text: JSON.stringify(seen.status) };
    const time = new Date(seen.status.at).toISOString().replace("T", " ").slice(0, 19);
    return { key: keyOf(seen), text: `${time} UTC\n${textOf(seen, screen)}${inPlace ? "" : "\n"}` };
  };
  await watchStatus(next, process.stdout, inPlace, pauses());
  return code;
};

export const status = async (options: StatusOptions): Promise<number> => {
  const settings = await readSettings(settingsPath(options));
  refsOf(settings, options.connection);
  if (options.watch) return watch(options, settings);
  const seen = await look(options, settings);
  const screen = screenOf(process.stdout, process.env, options);
  process.stdout.write(`${options.json ? JSON.stringify(seen.status) : textOf(seen, screen)}\n`);
  return codeOf(seen);
};
