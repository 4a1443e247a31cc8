import { formatDuration } from "../lib/duration.ts";

/** How long something lasted: tenths count while it is short. */
export const lasted = (ms: number): string => (ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(ms));
