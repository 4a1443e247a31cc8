import type { DesiredFile } from "../model/desired.ts";
import { type Step, touchedConn } from "../model/step.ts";
import { describeStep } from "../model/step-text.ts";

export interface PlanReport {
  readonly files: readonly {
    readonly path: string;
    /** Octal, "0600". */
    readonly mode: string;
    readonly change: "create" | "update" | "none";
    /** With fingerprints in place of PSKs. */
    readonly content: string;
  }[];
  readonly steps: readonly { readonly kind: string; readonly text: string; readonly tunnel?: string }[];
  /** What is in the way, one sentence each. */
  readonly problems: readonly { readonly text: string; readonly fix: string }[];
}

const changeOf = (
  file: DesiredFile,
  exists: (path: string) => boolean,
  writes: ReadonlySet<string>,
): "create" | "update" | "none" => {
  if (!writes.has(file.path)) return "none";
  return exists(file.path) ? "update" : "create";
};

/** What a pass would do, for people and scripts, without any secret. */
export const planReport = (
  files: readonly DesiredFile[],
  steps: readonly Step[],
  exists: (path: string) => boolean,
  problems: PlanReport["problems"],
): PlanReport => {
  const written = steps.flatMap((step) => (step.kind === "write-file" ? [step.file] : []));
  const writes = new Set(written.map((file) => file.path));
  const includes = written.filter((file) => file.role === "include");
  return {
    files: [...files, ...includes].map((file) => ({
      path: file.path,
      mode: file.mode.toString(8).padStart(4, "0"),
      change: changeOf(file, exists, writes),
      content: file.shown,
    })),
    steps: steps.map((step) => {
      const tunnel = touchedConn(step);
      return { kind: step.kind, text: describeStep(step), ...(tunnel === undefined ? {} : { tunnel }) };
    }),
    problems,
  };
};

const fileText = (file: PlanReport["files"][number]): string => {
  if (file.change === "none") return `= ${file.path} stays as it is`;
  const sign = file.change === "create" ? "+" : "~";
  const body = file.content.trimEnd().split("\n");
  return [`${sign} ${file.path} (${file.mode})`, ...body.map((line) => `    ${line}`)].join("\n");
};

const touched = (report: PlanReport): string => {
  const tunnels = [...new Set(report.steps.flatMap((step) => step.tunnel ?? []))];
  return tunnels.length === 0 ? "No tunnel would be touched." : `Tunnels touched: ${tunnels.join(", ")}`;
};

export const planText = (report: PlanReport): string => {
  const problems = report.problems.map(({ text, fix }) => `! ${text}\n    ${fix}`);
  if (report.steps.length === 0) return [...problems, "Nothing to do."].join("\n");
  return [
    ...problems,
    ...report.files.map(fileText),
    "",
    "Steps:",
    ...report.steps.map((step, position) => `${String(position + 1).padStart(3)}. ${step.text}`),
    "",
    touched(report),
  ].join("\n");
};
