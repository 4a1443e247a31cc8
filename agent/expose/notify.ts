import { execa } from "execa";

/** Tells the service manager how the agent is doing; does nothing where there is none. */
export interface Notifier {
  notify(...states: readonly string[]): Promise<void>;
}

/** Words that go to systemd as one line. */
export const statusWord = (text: string): string => `STATUS=${text.replace(/\s+/g, " ").slice(0, 200)}`;

/**
 * sd_notify through systemd's own systemd-notify: Node cannot write to a datagram socket. The unit needs NotifyAccess=all,
 * because the message comes from a child.
 */
export const systemdNotifier = (env: NodeJS.ProcessEnv): Notifier => {
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
