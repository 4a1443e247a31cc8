import { join } from "node:path";
import type { DrillOptions } from "../cli/drill.ts";
import { drillText } from "../cli/drill-text.ts";
import { systemClock } from "../lib/clock.ts";
import { askStatus } from "../loop/ask.ts";
import { drillRequest, runDrill } from "../loop/drill.ts";
import { DRILLS_PATH, keepDrill } from "../loop/drill-file.ts";
import { runPing } from "../observe/ping.ts";
import { readSettings } from "../settings/read.ts";
import { ViciClient } from "../vici/client.ts";
import { settingsPath } from "./open.ts";

export const drill = async (options: DrillOptions): Promise<number> => {
  const settings = await readSettings(settingsPath(options));
  const vici = new ViciClient({ path: join(options.root, "run/charon.vici") });
  const path = join(options.root, DRILLS_PATH);
  try {
    const result = await runDrill(drillRequest(settings, options), {
      status: () => askStatus(settings.listen, options.root),
      prober: runPing,
      takeDown: async (conn) => void (await vici.terminate({ ike: conn, force: true, timeoutMs: 3000 })),
      clock: systemClock,
      progress: (text) => process.stderr.write(`${text}\n`),
    });
    await keepDrill(path, result);
    process.stdout.write(`${options.json ? JSON.stringify(result) : drillText(result)}\n`);
    return 0;
  } finally {
    await vici.stop();
  }
};
