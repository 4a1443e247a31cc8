/**
 * What the agent itself adds to charon's log lines about a try: how long it lasted. A try that was given up before charon's first
 * retransmission (4 s) tells no other way that nobody answered.
 */
export const lastedLine = (ms: number): string => `the try lasted ${Math.round(ms)} ms`;

/** Milliseconds, of such a line; undefined for every other line. */
export const lastedMs = (line: string): number | undefined => {
  const ms = /^the try lasted (\d+) ms$/.exec(line)?.[1];
  return ms === undefined ? undefined : Number(ms);
};
