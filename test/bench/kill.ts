/*
 * `npm run kill [-- --kills N --seed N]`: kill -9 of the agent at random moments while settings and carrier change. Files must
 * always be whole, a tunnel must stand, and every restart must converge.
 */
import { parseArgs } from "node:util";
import { runAlone } from "./alone.ts";
import { median } from "./stats.ts";

const { values } = parseArgs({
  options: { kills: { type: "string", default: "200" }, seed: { type: "string", default: "20261122" } },
});
const result = await runAlone("kill", { kills: Number(values.kills), seed: Number(values.seed) });
const { kills = [], converged_s: seconds = [] } = result.numbers ?? {};
process.stdout.write(
  result.error === undefined
    ? `passed: ${kills[0]} kills, ${seconds.length} convergences, median ${median(seconds).toFixed(2)} s, max ${Math.max(...seconds).toFixed(2)} s\n`
    : `FAILED: ${result.error} (seed ${values.seed})\n`,
);
process.exit(result.error === undefined ? 0 : 1);
