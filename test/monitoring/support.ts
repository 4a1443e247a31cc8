import { fileURLToPath } from "node:url";
import { WARNINGS } from "../../agent/health/warnings.ts";
import { type MonitoringOptions, monitoringFiles } from "../../agent/monitoring/files.ts";
import { TEMPLATE_NAMES, type TemplateTexts } from "../../agent/monitoring/fill.ts";
import { readTemplates } from "../../agent/settings/templates.ts";

const TEMPLATES = fileURLToPath(new URL("../../templates", import.meta.url));

export const templates = (own = "/nonexistent"): Promise<TemplateTexts> => readTemplates(TEMPLATE_NAMES, own, TEMPLATES);

export const OPTIONS: MonitoringOptions = {
  targets: ["gateway.example:9747"],
  job: "spacegate",
  interval: "15s",
  runbook: "https://runbooks.example/spacegate.md",
};

/** The text of every file, by name. */
export const textsOf = async (changes: Partial<MonitoringOptions> = {}): Promise<Record<string, string>> =>
  Object.fromEntries(
    monitoringFiles(await templates(), WARNINGS, { ...OPTIONS, ...changes }).map(({ name, text }) => [name, text]),
  );
