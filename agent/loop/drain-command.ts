import type { Clock } from "../lib/clock.ts";
import { formatDuration } from "../lib/duration.ts";
import { SpacegateError } from "../lib/errors.ts";
import type { DrainReport } from "../model/drain.ts";
import { isUp, type Status } from "../model/status.ts";

export interface DrainCommandDeps {
  /** The running agent's snapshot. Rejects with NOT_RUNNING. */
  readonly status: () => Promise<Status>;
  /** Both reject with NOT_RUNNING. */
  readonly begin: (ms: number) => Promise<void>;
  readonly cancel: () => Promise<void>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}

const LOOK_MS = 200;
/** On a busy machine an answer may be lost; so many in a row mean that nobody is there. */
const MAX_ASKED = 5;
/** charon needs milliseconds for a DELETE, and the agent a pass that may wait for another one. */
const CLOSE_MS = 20_000;

const CANCEL = "`spacegate drain --cancel`, or restarting the agent, brings the tunnels back.";

const tunnelsOf = ({ connections }: Status) => connections.flatMap(({ tunnels }) => tunnels);

const failed = (message: string, fix: string): SpacegateError => new SpacegateError("DRAIN_FAILED", message, { fix });

const silent = (cause: SpacegateError): SpacegateError =>
  new SpacegateError("NOT_RUNNING", `${cause.message} (asked ${MAX_ASKED} times)`, { fix: `${cause.fix}\n${CANCEL}`, cause });

/** For an agent that has answered before. */
const patiently = async <T>(ask: () => Promise<T>, { clock, signal }: DrainCommandDeps): Promise<T> => {
  for (let asked = 1; ; asked += 1) {
    try {
      return await ask();
    } catch (thrown) {
      if (!(thrown instanceof SpacegateError) || thrown.code !== "NOT_RUNNING") throw thrown;
      if (asked === MAX_ASKED) throw silent(thrown);
    }
    await clock.sleep(LOOK_MS, signal);
  }
};

const untilClosed = async (deps: DrainCommandDeps): Promise<void> => {
  const { status, clock, signal } = deps;
  let closedAt: number | undefined;
  for (;;) {
    const now = await patiently(status, deps);
    if (!now.draining) throw failed("The agent serves again: it was restarted, or somebody cancelled.", "Run it again.");
    const left = tunnelsOf(now).filter(({ ike, child }) => ike !== "NONE" || child !== "NONE");
    if (now.draining.closed) closedAt ??= clock.monotonic();
    if (closedAt !== undefined && left.length === 0) return;
    if (closedAt !== undefined && clock.monotonic() - closedAt > CLOSE_MS)
      throw failed(`Not closed after ${CLOSE_MS / 1000} s: ${left.map(({ conn }) => conn).join(", ")}.`, CANCEL);
    await clock.sleep(LOOK_MS, signal);
  }
};

/**
 * Has the running agent take the gateway out of service, and waits until its tunnels are closed. Rejects with NOT_RUNNING or
 * DRAIN_FAILED, and with INTERRUPTED when it is stopped; the agent then goes on.
 */
export const runDrain = async (forMs: number, deps: DrainCommandDeps): Promise<DrainReport> => {
  const { begin, status, progress, signal } = deps;
  const closed = tunnelsOf(await status()).filter(isUp).length;
  try {
    await patiently(() => begin(forMs), deps);
    progress(`Draining: /healthz answers 503 from now on, and the tunnels are closed in ${formatDuration(forMs)}.`);
    await untilClosed(deps);
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    throw new SpacegateError("INTERRUPTED", "Stopped waiting; the agent goes on draining.", { fix: CANCEL });
  }
  return { draining: true, closed };
};

/** Rejects with NOT_RUNNING. */
export const cancelDrain = async ({ cancel }: Pick<DrainCommandDeps, "cancel">): Promise<DrainReport> => {
  await cancel();
  return { draining: false, closed: 0 };
};
