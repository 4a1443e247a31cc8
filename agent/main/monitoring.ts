import type { MonitoringCommandOptions } from "../cli/monitoring.ts";
import { monitoringText } from "../cli/monitoring-text.ts";
import { WARNINGS } from "../health/warnings.ts";
import { monitoringFiles } from "../monitoring/files.ts";
import { TEMPLATE_NAMES } from "../monitoring/fill.ts";
import { writeFiles } from "../monitoring/write.ts";
import { readTemplates } from "../settings/templates.ts";
import { BUILT_IN_TEMPLATES, OWN_TEMPLATES } from "./template-paths.ts";

export const monitoring = async (options: MonitoringCommandOptions): Promise<number> => {
  const { out, target, job, interval, runbook } = options;
  const texts = await readTemplates(TEMPLATE_NAMES, OWN_TEMPLATES, BUILT_IN_TEMPLATES);
  const files = monitoringFiles(texts, WARNINGS, { targets: target, job, interval, runbook });
  const written = await writeFiles(out, files, options.force === true);
  process.stdout.write(`${options.json ? JSON.stringify({ files: written }) : monitoringText(written)}\n`);
  return 0;
};
