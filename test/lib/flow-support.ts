import { systemClock } from "../../agent/lib/clock.ts";

/** What every flow is given, with quick looks, and everything that it said; what stands in one line is kept once. */
export const flowParts = () => {
  const said: string[] = [];
  const stop = new AbortController();
  const progress = {
    say: (text: string): void => void said.push(text),
    show: (text: string): void => {
      if (said.at(-1) !== text) said.push(text);
    },
  };
  const parts = { clock: systemClock, progress, signal: stop.signal, pollMs: 15, timeoutMs: 3000 };
  return { parts, said, stop: () => stop.abort() };
};
