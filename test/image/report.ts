import type { ScenarioResult } from "../lab/events.ts";
import type { ImageCheck } from "./checks/check.ts";

/** "passed: reboot (61.0 s)", with what was measured or what does not hold below it. */
export const lineOf = ({ scenario, seconds, notes, error }: ScenarioResult): string =>
  [
    `${error === undefined ? "passed" : "FAILED"}: ${scenario} (${seconds.toFixed(1)} s)`,
    ...[...notes, ...(error === undefined ? [] : [error])].map((text) => `         ${text}`),
  ].join("\n");

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** A table in Markdown: every check that was wanted, and what was measured. */
export const table = (wanted: readonly ImageCheck[], results: readonly ScenarioResult[]): string =>
  [
    "| check | result | measured |",
    "|---|---|---|",
    ...wanted.map(({ name, title }) => {
      const result = results.find(({ scenario }) => scenario === name);
      const outcome = result === undefined ? "not run" : result.error === undefined ? "passed" : "FAILED";
      return `| ${title} | ${outcome} | ${cell([...(result?.notes ?? []), result?.error ?? ""].filter(Boolean).join("; "))} |`;
    }),
  ].join("\n");
