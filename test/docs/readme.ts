import { readFile, writeFile } from "node:fs/promises";
import { CHECKS } from "../../agent/check/checks.ts";
import { Metrics } from "../../agent/expose/metrics.ts";
import { Torilabs } from "../../agent/expose/torilabs.ts";
import { ANSWERS_LOST, NOTHING_BACK, REASONS } from "../../agent/health/reasons.ts";
import { WARNINGS } from "../../agent/health/warnings.ts";
import { formatDuration } from "../../agent/lib/duration.ts";
import { ERROR_CODES } from "../../agent/lib/error-codes.ts";
import { settingsReference } from "./settings-reference.ts";
import { table } from "./table.ts";

/* The parts of README.md that are made from the code. `npm run docs` writes them; a test finds them stale. */

const readme = new URL("../../README.md", import.meta.url);

const warningsReference = (): string =>
  table([
    ["Code", "Severity", "For", "Shown after", "Meaning", "What to do"],
    ...WARNINGS.map(({ code, severity, about, visibleAfterMs, title, advice }) => [
      `\`${code}\``,
      severity,
      about,
      visibleAfterMs === 0 ? "at once" : formatDuration(visibleAfterMs),
      title,
      advice,
    ]),
  ]);

const reasonsReference = (): string =>
  table([["Reason", "What to do"], ...[...REASONS, NOTHING_BACK, ANSWERS_LOST].map(({ code, fix }) => [`\`${code}\``, fix])]);

const checksReference = (): string =>
  table([["Code", "About", "Passes when"], ...CHECKS.map(({ code, group, title }) => [`\`${code}\``, group, title])]);

/** A heading each, so that every code has an address of its own. */
const errorsReference = (): string =>
  Object.entries(ERROR_CODES)
    .map(([code, { meaning, advice }]) => `### ${code}\n\n${meaning}\n*What to do:* ${advice}`)
    .join("\n\n");

const metricsReference = async ({ registry }: Metrics | Torilabs): Promise<string> => {
  const metrics = await registry.getMetricsAsJSON();
  return table([["Metric", "Type", "Meaning"], ...metrics.map(({ name, type, help }) => [`\`${name}\``, String(type), help])]);
};

const BLOCKS: Readonly<Record<string, () => string | Promise<string>>> = {
  settings: settingsReference,
  checks: checksReference,
  warnings: warningsReference,
  reasons: reasonsReference,
  errors: errorsReference,
  metrics: () => metricsReference(new Metrics(WARNINGS)),
  torilabs: () => metricsReference(new Torilabs()),
};

/** The text with one block fresh. Throws when its markers are not there, once each and in order. */
export const withBlock = (text: string, name: string, content: string): string => {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [before, inside, ...rest] = text.split(begin);
  const [, after, ...others] = inside?.split(end) ?? [];
  if (before === undefined || after === undefined || rest.length > 0 || others.length > 0)
    throw new Error(
      `README.md needs one line ${begin} and below it one line ${end}; \`npm run docs\` fills what is between them`,
    );
  return `${before}${begin}\n${content}\n${end}${after}`;
};

/** The text with every block fresh. */
export const withReferences = async (text: string): Promise<string> => {
  let fresh = text;
  for (const [name, make] of Object.entries(BLOCKS)) fresh = withBlock(fresh, name, await make());
  return fresh;
};

if (import.meta.main && process.argv.includes("--write")) {
  await writeFile(readme, await withReferences(await readFile(readme, "utf8")));
}
