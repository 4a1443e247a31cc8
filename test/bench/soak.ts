/*
 * `npm run soak [-- --minutes N]`: a tunnel flaps for twenty minutes under the agent; memory must stay flat, and no child process,
 * socket, SA, route or rule may be left over.
 */

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runAlone } from "./alone.ts";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "20" } } });
// What is installed is what must not grow.
execFileSync("npm", ["run", "--silent", "build"], { cwd: join(import.meta.dirname, "../..") });
const result = await runAlone("soak", { minutes: Number(values.minutes), bundle: 1 });
const { rss_first_mb: first, rss_last_mb: last } = result.numbers ?? {};
process.stdout.write(`${result.notes.join("\n")}\n`);
if (first && last)
  process.stdout.write(`RSS ${first[0]?.toFixed(1)} MB in the first quarter, ${last[0]?.toFixed(1)} MB in the last\n`);
process.stdout.write(`${result.error === undefined ? "passed: nothing leaked" : `FAILED: ${result.error}`}\n`);
process.exit(result.error === undefined ? 0 : 1);
