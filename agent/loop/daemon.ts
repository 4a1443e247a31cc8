import { type Notifier, statusWord } from "../expose/notify.ts";
import type { Clock } from "../lib/clock.ts";
import { parseDuration } from "../lib/duration.ts";
import { messageOf } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { Settings } from "../model/settings.ts";
import type { Status } from "../model/status.ts";
import type { Gateway } from "./gateway.ts";

/** What a daemon is made of besides its gateway; each part stops at once. */
export interface DaemonParts {
  readonly gateway: Pick<Gateway, "status" | "settle" | "requestPass" | "requestLook" | "stop">;
  readonly clock: Clock;
  readonly log: Log;
  readonly notifier: Notifier;
  readonly watchdogMs: number | undefined;
  /** Begins to listen for charon's events, file changes and HTTP requests; resolves to what ends them. */
  readonly open: () => Promise<() => Promise<void>>;
  /** Asks the source for details; resolves when each connection has had an answer or an error. */
  readonly startSource: () => Promise<void>;
  /** Reads settings, templates and source anew. */
  readonly reread: () => void;
  readonly settings: () => Settings;
  /** Ends the agent's tunnels, for labs. */
  readonly takeDown: (() => Promise<void>) | undefined;
}

/** The source's first answer is waited for so long; it may also come later. */
const SOURCE_MS = 1000;

/** SAs change without an event too (counters, idle times): a look at them this often. */
const LOOK_MS = 1000;
/** Where no probe proves that tunnels pass, their counters must. */
const COUNTER_LOOK_MS = 200;

const lookInterval = ({ connections }: Settings): number => (connections.some(({ probe }) => !probe) ? COUNTER_LOOK_MS : LOOK_MS);

const summary = (status: Status): string =>
  `${status.status}: ${status.connections
    .map(
      (connection) =>
        `${connection.space}/${connection.name} ${connection.status}, ${connection.tunnels.filter((tunnel) => tunnel.passing !== false && tunnel.child !== "NONE").length} of ${connection.tunnels.length} tunnels`,
    )
    .join("; ")}`;

/** Calls `work` every `ms`, as `ms` is then; resolves when the signal aborts. */
const every = async (ms: () => number, clock: Clock, signal: AbortSignal, work: () => void): Promise<void> => {
  while (!signal.aborted) {
    await clock.sleep(ms(), signal).catch(() => undefined);
    if (!signal.aborted) work();
  }
};

/** Where signals come from: the process, or a test. */
export interface Signals {
  on(name: NodeJS.Signals, listener: NodeJS.SignalsListener): unknown;
  off(name: NodeJS.Signals, listener: NodeJS.SignalsListener): unknown;
}

const untilSignal = (from: Signals, reread: () => void): { stopped: Promise<NodeJS.Signals>; release: () => void } => {
  let stop: (signal: NodeJS.Signals) => void = () => {};
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    stop = resolve;
  });
  from.on("SIGTERM", stop);
  from.on("SIGINT", stop);
  from.on("SIGHUP", reread);
  const release = (): void => {
    from.off("SIGTERM", stop);
    from.off("SIGINT", stop);
    from.off("SIGHUP", reread);
  };
  return { stopped, release };
};

const guarded = async (log: Log, what: string, work: () => Promise<unknown>): Promise<void> => {
  await work().catch((thrown: unknown) => log.warn({ error: messageOf(thrown) }, `${what} failed`));
};

/** Runs until SIGTERM or SIGINT, and leaves the tunnels up. Rejects when the agent cannot serve at all (LISTEN_FAILED). */
export const runDaemon = async (parts: DaemonParts, from: Signals = process): Promise<void> => {
  const { gateway, clock, log, notifier } = parts;
  const ended = new AbortController();
  const signals = untilSignal(from, parts.reread);
  const close = await parts.open().catch((thrown) => {
    signals.release();
    throw thrown;
  });
  // A source that is slow or away must not keep the last good details from coming into force.
  await Promise.race([guarded(log, "asking the source", parts.startSource), clock.sleep(SOURCE_MS)]);
  await gateway.settle();
  await guarded(log, "telling systemd", () => notifier.notify("READY=1", statusWord(summary(gateway.status))));
  const timers = [
    every(
      () => parseDuration(parts.settings().reconcile_interval) ?? 10_000,
      clock,
      ended.signal,
      () => gateway.requestPass(),
    ),
    every(
      () => lookInterval(parts.settings()),
      clock,
      ended.signal,
      () => gateway.requestLook(),
    ),
    ...(parts.watchdogMs === undefined
      ? []
      : [
          every(
            () => parts.watchdogMs ?? 0,
            clock,
            ended.signal,
            () => {
              void guarded(log, "telling systemd", () => notifier.notify("WATCHDOG=1", statusWord(summary(gateway.status))));
            },
          ),
        ]),
  ];
  const signal = await signals.stopped;
  log.info({ signal }, parts.takeDown ? "stopping; the tunnels are taken down" : "stopping; the tunnels stay up");
  ended.abort();
  signals.release();
  void guarded(log, "telling systemd", () => notifier.notify("STOPPING=1"));
  await Promise.all([...timers, gateway.stop(), close()]);
  if (parts.takeDown) await guarded(log, "taking the tunnels down", parts.takeDown);
};

/** Exit code of a command from the snapshot it ended with. */
export const exitCodeOf = (status: Status): number => (status.status === "ok" && !status.warnings.some(isBad) ? 0 : 1);

/** Below a directory no tunnel comes up: there it is the files that count. */
export const rootedExitCode = ({ passes, connections }: Status): number =>
  passes.lastError === null && connections.every(({ status }) => status !== "waiting") ? 0 : 1;

const isBad = (warning: Status["warnings"][number]): boolean => warning.severity !== "info";
