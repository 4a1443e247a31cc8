const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface StopSignal {
  /** Aborted by the first Ctrl-C, SIGTERM, or a terminal that goes away; a second one ends the process at once. */
  readonly signal: AbortSignal;
  /** From now on the first one ends the process: there is nothing left to tell. */
  release(): void;
}

export const stopSignal = (): StopSignal => {
  const controller = new AbortController();
  const stop = () => controller.abort();
  for (const signal of SIGNALS) process.once(signal, stop);
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, stop);
    },
  };
};
