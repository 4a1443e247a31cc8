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
import { type ConnectionRef, connectionKey } from "../model/connection.ts";
import type { OfflineStatus } from "../model/offline-status.ts";
import { type Settings, settingsSchema } from "../model/settings.ts";
import type { Status } from "../model/status.ts";
import { observeCharon } from "../observe/charon.ts";
import { readSettings } from "../settings/read.ts";
import { LAST_GOOD_PATH, LastGoodCopy } from "../source/last-good.ts";
import { ViciClient } from "../vici/client.ts";
import { settingsPath } from "./open.ts";

type Seen = { readonly kind: "agent"; readonly status: Status } | { readonly kind: "offline"; readonly status: OfflineStatus };

/** As much of the settings as a look needs. */
interface Known extends Pick<Settings, "listen" | "connections"> {
  /** Why the settings cannot be read. */
  readonly refused: SpacegateError | undefined;
}

/** A running agent goes on with its earlier settings when the file is broken: then it can still be asked. */
const knownFrom = async (options: StatusOptions): Promise<Known> => {
  try {
    return { ...(await readSettings(settingsPath(options))), refused: undefined };
  } catch (thrown) {
    if (!(thrown instanceof SpacegateError)) throw thrown;
    return { listen: settingsSchema.shape.listen.parse(undefined), connections: [], refused: thrown };
  }
};

const isWanted =
  (wanted: string | undefined) =>
  (one: ConnectionRef): boolean =>
    wanted === undefined || connectionKey(one) === wanted;

/** Throws CONNECTION_UNKNOWN unless one of them is wanted. */
const onlyWanted = <T extends ConnectionRef>(connections: readonly T[], wanted: string | undefined): readonly T[] => {
  const found = connections.filter(isWanted(wanted));
  if (found.length > 0 || wanted === undefined) return found;
  throw new SpacegateError("CONNECTION_UNKNOWN", `There is no connection ${wanted} in the settings.`, {
    fix: `Say --connection with one of: ${connections.map(connectionKey).join(", ")}`,
  });
};

/** With warnings about the host: they hold for every connection. */
const onlyOne = (status: Status, wanted: string | undefined): Status => {
  if (wanted === undefined) return status;
  const connections = onlyWanted(status.connections, wanted);
  return {
    ...status,
    status: status.ready ? overallHealth(connections.map((one) => one.status)) : "starting",
    connections,
    warnings: status.warnings.filter(({ connection }) => connection === undefined || connection === wanted),
  };
};

const lookWithoutAgent = async (error: SpacegateError, { root, connection }: StatusOptions, known: Known) => {
  const refs = onlyWanted(known.connections, connection);
  const vici = new ViciClient({ path: join(root, "run/charon.vici") });
  const log = createLog({ level: "error", redactor: new Redactor() });
  try {
    const [charon, kept] = await Promise.all([
      observeCharon(vici, root === "/" ? statusallText : async () => undefined, root),
      new LastGoodCopy(join(root, LAST_GOOD_PATH), log, false).load(),
    ]);
    return offlineStatus({ error, refs, charon, kept, now: systemClock.now() });
  } finally {
    await vici.stop();
  }
};

/** What the agent says, or why it says nothing. */
const askAgent = async ({ root }: StatusOptions, { listen }: Known): Promise<Status | SpacegateError> => {
  try {
    return await askStatus(listen, root);
  } catch (thrown) {
    if (thrown instanceof SpacegateError) return thrown;
    throw thrown;
  }
};

const look = async (options: StatusOptions, known: Known): Promise<Seen> => {
  const said = await askAgent(options, known);
  if (!(said instanceof SpacegateError)) return { kind: "agent", status: onlyOne(said, options.connection) };
  if (known.refused) throw known.refused;
  return { kind: "offline", status: await lookWithoutAgent(said, options, known) };
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

const watch = async (options: StatusOptions, known: Known): Promise<number> => {
  const inPlace = process.stdout.isTTY === true && !options.json;
  let code = 1;
  const next = async (): Promise<Frame> => {
    const seen = await look(options, known);
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
  const known = await knownFrom(options);
  if (options.watch) return watch(options, known);
  const seen = await look(options, known);
  const screen = screenOf(process.stdout, process.env, options);
  process.stdout.write(`${options.json ? JSON.stringify(seen.status) : textOf(seen, screen)}\n`);
  return codeOf(seen);
};
