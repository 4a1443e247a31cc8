import { write } from "node:fs";
import { promisify } from "node:util";
import { execa } from "execa";

/** Tells the service manager how the agent is doing; does nothing where there is none. */
export interface Notifier {
  notify(...states: readonly string[]): Promise<void>;
}

/** Words that go to systemd as one line. */
export const statusWord = (text: string): string => `STATUS=${text.replace(/\s+/g, " ").slice(0, 200)}`;

/** A write to a connected datagram socket is one message, and it comes from this process itself. */
const writer = (descriptor: number): Notifier => ({
  notify: async (...states) => {
    await promisify(write)(descriptor, states.join("\n")).catch(() => undefined);
  },
});

/**
 * sd_notify. Node cannot open a datagram socket of this kind, but it can write to one: the unit hands it over as
 * SPACEGATE_NOTIFY_FD. Elsewhere systemd's own systemd-notify does it, and the unit needs NotifyAccess=all, because the message
 * comes from a child.
 */
export const systemdNotifier = (env: NodeJS.ProcessEnv): Notifier => {
  const descriptor = Number(env.SPACEGATE_NOTIFY_FD);
  if (Number.isInteger(descriptor) && descriptor > 2) return writer(descriptor);
  const socket = env.NOTIFY_SOCKET;
  if (!socket) return { notify: async () => {} };
  return {
    notify: async (...states) => {
      await execa("systemd-notify", [`--pid=${process.pid}`, ...states], {
        extendEnv: false,
        env: { NOTIFY_SOCKET: socket, PATH: env.PATH ?? "/usr/bin:/bin", LC_ALL: "C" },
        stdin: "ignore",
        timeout: 5000,
        reject: false,
      });
    },
  };
};

/** Half of the watchdog's time in milliseconds, as systemd asks for; undefined without a watchdog for this process. */
export const watchdogInterval = (env: NodeJS.ProcessEnv): number | undefined => {
  const microseconds = Number(env.WATCHDOG_USEC);
  const mine = env.WATCHDOG_PID === undefined || env.WATCHDOG_PID === String(process.pid);
  return mine && Number.isFinite(microseconds) && microseconds > 0 ? microseconds / 2000 : undefined;
};
