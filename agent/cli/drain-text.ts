import { formatDuration } from "../lib/duration.ts";
import type { DrainReport } from "../model/drain.ts";

/** Before the question whether to begin. */
export const drainWarning = (forMs: number): string =>
  `In ${formatDuration(forMs)} the tunnels are closed. Without a second gateway the local networks then cannot reach the space.`;

/** What was done, in words. */
export const drainText = ({ draining, closed }: DrainReport): string =>
  draining
    ? `Closed: ${closed} ${closed === 1 ? "tunnel" : "tunnels"}. They stay closed until \`spacegate drain --cancel\` or the agent's next start.`
    : "The gateway serves again: the tunnels come up, and `spacegate status` shows how they are.";
