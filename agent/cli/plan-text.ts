import { createPatch } from "diff";
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
    /** What the change would be, as a unified diff; "" where there is none, or where the file is not the agent's yet. */
    readonly diff: string;
  }[];
  readonly steps: readonly { readonly kind: string; readonly text: string; readonly tunnel?: string }[];
  /** What is in the way, one sentence each. */
  readonly problems: readonly { readonly text: string; readonly fix: string }[];
}

/** A file as it is now, fit to be shown: "absent", the owner's (never shown), or the agent's own text with PSKs masked. */
export type Before = (path: string) => { readonly kind: "absent" | "foreign" } | { readonly kind: "own"; readonly text: string };

const changeOf = (file: DesiredFile, before: Before, writes: ReadonlySet<string>): "create" | "update" | "none" => {
  if (!writes.has(file.path)) return "none";
  return before(file.path).kind === "absent" ? "create" : "update";
};

const diffOf = (file: DesiredFile, before: Before): string => {
  const now = before(file.path);
  if (now.kind !== "own" || now.text === file.shown) return "";
  // The first two lines name the file, which the report does already.
  return createPatch(file.path, now.text, file.shown, "now", "then").split("\n").slice(2).join("\n");
};

/** What a pass would do, for people and scripts, without any secret. */
export const planReport = (
  files: readonly DesiredFile[],
  steps: readonly Step[],
  before: Before,
  problems: PlanReport["problems"],
): PlanReport => {
  const written = steps.flatMap((step) => (step.kind === "write-file" ? [step.file] : []));
  const writes = new Set(written.map((file) => file.path));
  const includes = written.filter((file) => file.role === "include");
  return {
    files: [...files, ...includes].map((file) => ({
      path: file.path,
      mode: file.mode.toString(8).padStart(4, "0"),
      change: changeOf(file, before, writes),
      content: file.shown,
      diff: diffOf(file, before),
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
  const body = (file.diff || file.content).trimEnd().split("\n");
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
